/** Sentences by which models say that the sources are silent, whatever sentence they were asked to use. */

const ENGLISH =
  /\b(?:(?:do|does|did) not (?:say|state|mention|contain|provide|include|specify|answer|discuss|cover)|(?:don't|doesn't|didn't) (?:say|state|mention|contain|provide|include|specify|answer|discuss|cover)|no (?:information|mention|answer|details?|data) |(?:is|are|was|were) not (?:mentioned|stated|specified|found|provided|given|covered|in the)|(?:could|can|do)(?:not| not|n't) (?:find|answer|know|tell)|unable to (?:find|answer)|not enough information)/i;
const CHINESE =
  /(?:没有|未|并未|没|并没有)(?:有)?(?:任何)?(?:说明|提到|提及|提供|找到|包含|给出|涉及|相关|记载|说)|无法(?:回答|从|确定|得知|找到)|不(?:知道|清楚|包含)|無法|沒有(?:說明|提到|提及|找到)/;
/** A refusal is short; a long sentence with these words says something else as well. */
const LONGEST = 200;

export function soundsLikeRefusal(text: string): boolean {
  return text.length <= LONGEST && (ENGLISH.test(`${text} `) || CHINESE.test(text));
}
