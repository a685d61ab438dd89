/** `npm run bench:retrieval`: how well bases find, refuse and answer, on public question sets. Figures are the same on any machine. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { askMini } from "./answers.ts";
import { Desk } from "./desk.ts";
import { type Measured, measure } from "./measure.ts";
import { dataFolder, embedderFiles, readSets } from "./sets.ts";
import { bestOf, percent, ranksTable, refusalTable } from "./tables.ts";

const usage = `npm run bench:retrieval -- [options]

  --sets PATTERN   those whose names hold it (default: all; XQuAD en, XQuAD zh, CMRC trial)
  --most N         questions of each set, evenly over it (default: all)
  --answers N      also ask the bundled model so many questions of each set (default 0)
  --dump FILE      every question with its ranks and scores, as JSON`;

const { values: given } = parseArgs({
  options: {
    sets: { type: "string", default: "" },
    most: { type: "string", default: "100000" },
    answers: { type: "string", default: "0" },
    dump: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (given.help) console.log(usage);
else await main();

async function main(): Promise<void> {
  const sets = readSets(new RegExp(given.sets, "i"));
  if (sets.length === 0) {
    console.log(`skipped: there are no question sets in ${dataFolder}retrieval`);
    return;
  }
  const desk = new Desk();
  try {
    for (const [name, file] of Object.entries(embedderFiles)) await desk.model(name, file);
    const all: Measured[] = [];
    for (const set of sets) {
      console.error(`${set.name} ...`);
      all.push(await measure(desk, set, Number(given.most)));
    }
    console.log(`\n## Ranks\n\n${ranksTable(all)}\n\n## Refusals / answers at each threshold\n\n${refusalTable(all)}\n`);
    for (const one of all)
      console.log(
        `${one.set.name}: at best ${percent(bestOf(one, "words"))} answered (words), ${percent(bestOf(one, "both"))} (both) while 85 % are refused`,
      );
    if (given.dump)
      writeFileSync(
        given.dump,
        JSON.stringify(
          all.map(({ set, asked }) => ({ set: set.name, asked })),
          null,
          1,
        ),
      );
    if (Number(given.answers) > 0)
      console.log(`\n## Answers of the bundled model\n\n${await askMini(desk, sets, Number(given.answers))}`);
  } finally {
    await desk.close();
  }
}
