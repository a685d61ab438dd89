import { indexContract } from "../../../../test/knowledge/index-contract.ts";
import { SqliteIndex } from "./index.ts";

indexContract("SQLite", async (database) => ({ index: new SqliteIndex(database), close: async () => {} }), {
  isTransactional: true,
});
