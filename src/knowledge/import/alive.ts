/** Whether there is a process of this number on this machine. */
import { codeOf } from "../../errors.ts";
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
