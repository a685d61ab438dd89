/** The language of a text: East Asian ones by their script, the others by the trigrams of franc. */
import { franc } from "franc-min";
import { countOf, SAMPLE_CHARACTERS, scriptLanguage } from "./script.ts";

/** Letters below which trigrams guess. */
const LEAST_LETTERS = 60;
/** ISO 639-3 of the languages that have an ISO 639-1 code and that franc-min knows. */
const PAIRS =
  "spa es eng en rus ru arb ar ben bn hin hi por pt ind id fra fr deu de jav jv kor ko tel te vie vi mar mr ita it tam ta tur tr urd ur guj gu pol pl ukr uk mal ml kan kn ori or mya my pan pa ron ro som so nld nl uzn uz tha th amh am swh sw hau ha yor yo ibo ig zlm ms sin si ces cs ell el swe sv bel be pes fa srp sr bos bs hrv hr hun hu azj az bul bg nob nb kaz kk cat ca tgl tl npi ne sot st fin fi dan da zul zu";
const SHORT = new Map([...PAIRS.matchAll(/(\w{3}) (\w{2,3})/g)].map(([, long = "", short = ""]) => [long, short]));

/** ISO 639-1 where there is one, else 639-3; undefined when the text is too short to tell. */
export function languageOfText(text: string): string | undefined {
  const sample = text.slice(0, SAMPLE_CHARACTERS);
  const byScript = scriptLanguage(sample);
  if (byScript !== undefined || countOf(sample, /\p{L}/gu) < LEAST_LETTERS) return byScript;
  const found = franc(sample);
  return found === "und" ? undefined : (SHORT.get(found) ?? found);
}
