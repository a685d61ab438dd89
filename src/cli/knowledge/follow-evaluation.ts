/** Waits for an evaluation, with how far it is on standard error. */
import { Canceled, Failed } from "../../errors.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import { Progress } from "../terminal/progress.ts";
import type { EvaluationReply } from "./evaluation-wire.ts";

/** Ctrl-C cancels it. Throws Failed when it does not end well. */
export async function followEvaluation(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  base: string,
  { id }: Pick<EvaluationReply, "id">,
): Promise<EvaluationReply> {
  const progress = new Progress(terminal);
  let last: EvaluationReply | undefined;
  try {
    await interruptible(async (signal) => {
      for await (const { evaluation } of client.knowledge.evaluationEvents(base, id, { signal })) {
        last = evaluation;
        progress.spin("evaluation", `asking questions ${evaluation.done}/${evaluation.questions}`);
      }
    });
  } catch (error) {
    if (error instanceof Canceled) {
      await client.knowledge.cancelEvaluation(base, id);
      throw new Canceled("the evaluation was canceled");
    }
    throw error;
  } finally {
    progress.clear();
  }
  if (last?.state === "done") return last;
  if (last?.state === "failed") throw new Failed(`the evaluation failed: ${last.reason}`);
  throw new Failed(last?.state === "canceled" ? "the evaluation was canceled" : "the server left before the evaluation ended");
}
