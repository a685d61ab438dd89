/** Words that say nothing of what a question is about. They are indexed; a query leaves them out when it has others. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be been before being but by can could did do does doing down each for from
   further had has have having he her here him his how i if in into is it its just many me more most much my no nor not now of
   off on one or other our out over own please same she should so some such than that the their them then there these they this
   those through to too under until up us very was we were what when where which while who whom whose why will with would you your
   什么 怎么 怎样 如何 哪个 哪些 哪里 哪儿 是否 多少 为什么 为何 请问 是什 么是 的是 是谁 谁是 有哪 些是 个是 是哪 什么样 怎么样`.split(
    /\s+/,
  ),
);
