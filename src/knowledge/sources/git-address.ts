/** Addresses of repositories and names of branches: nothing that git would take for an option or a command. */
import { Invalid, PunaError } from "../../errors.ts";

/** Throws Invalid for what is no address of a repository, or none that this caller may use. */
export function checkRepository(url: string, trusted: boolean): void {
  const isSsh = /^(?:ssh:\/\/|[\w.-]+@[\w.-]+:(?!\/\/))/.test(url);
  const isWeb = /^https?:\/\//.test(url) && URL.canParse(url);
  const isFile = url.startsWith("/") || url.startsWith("file:///") || /^[A-Za-z]:[\\/]/.test(url);
  // A dash would make an option of it, and "ext::" a command.
  if (url.startsWith("-") || /[\0\r\n]/.test(url) || !(isSsh || isWeb || isFile)) {
    throw new Invalid(`${JSON.stringify(url)} is no address of a Git repository: write it as https://host/path.git`, {
      code: "bad_url",
    });
  }
  if (isWeb && (new URL(url).username !== "" || new URL(url).password !== "")) {
    throw new Invalid(
      `${new URL(url).host}: a URL with a user name or password is not taken; let git's credential helper keep it`,
      { code: "bad_url" },
    );
  }
  if (!isWeb && !trusted) {
    throw new PunaError(
      403,
      "only this machine's own user may read repositories over ssh or from its disk: give an https:// address",
      { code: "not_allowed" },
    );
  }
}

/** Throws Invalid for a name that git would take for something else. */
export function checkBranch(branch: string): void {
  if (!/^[\w][\w./+-]{0,200}$/.test(branch) || branch.includes("..") || branch.endsWith(".lock") || branch.endsWith("/")) {
    throw new Invalid(`${JSON.stringify(branch)} is no name of a branch`, { code: "bad_branch", param: "branch" });
  }
}
