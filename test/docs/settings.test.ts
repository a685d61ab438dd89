/** docs/settings.md and its Chinese twin are this table; `npx vitest run test/docs -u` writes them anew. */
import { expect, test } from "vitest";
import { settings } from "../../src/config.ts";

type Name = (typeof settings)[number]["name"];

const chinese: Record<Name, string> = {
  OLLAMA_HOST: "监听的地址，也是命令行连接的地址",
  OLLAMA_ORIGINS: "允许从浏览器调用 API 的其他来源，用逗号分隔",
  OLLAMA_MODELS: "模型库所在的文件夹",
  OLLAMA_KEEP_ALIVE: "最后一次请求之后，模型在内存中保留多久",
  OLLAMA_LOAD_TIMEOUT: "加载多久没有进展就算失败",
  OLLAMA_CONTEXT_LENGTH: "请求没有指定时的上下文长度",
  OLLAMA_NUM_PARALLEL: "一个模型同时服务多少个序列（默认 8，嵌入模型更少）",
  OLLAMA_MAX_LOADED_MODELS: "同时留在内存中的模型数",
  OLLAMA_MAX_QUEUE: "最多有多少请求排队，超过的得到 503",
  OLLAMA_NOPRUNE: "保留不再使用的数据块",
  OLLAMA_NOHISTORY: "`puna run` 不保存历史",
  OLLAMA_EDITOR: "`puna run` 中按 Ctrl-G 打开的编辑器（默认：VISUAL、EDITOR 或 vi）",
  OLLAMA_DEBUG: "输出更多日志",
  OLLAMA_FLASH_ATTENTION: "强制打开或关闭 flash attention（默认由内核决定）",
  OLLAMA_KV_CACHE_TYPE: "KV 缓存的类型：f16、f32、bf16、q8_0、q4_0、q4_1、q5_0、q5_1",
  OLLAMA_GO_TEMPLATE: "1：总是使用模型的 Go 模板；0：从不使用（默认：能力更强的那一个）",
  PUNA_HOME: "Puna 保存一切内容的文件夹",
  PUNA_MODELS: "与 OLLAMA_MODELS 相同，优先级更高",
  PUNA_PG_URL: "存放检索索引的 PostgreSQL 数据库：postgres://user:password@host:5432/database（默认：SQLite）",
  PUNA_LLAMA_LIB: "你自己编译的 llama.cpp 所在的文件夹",
  PUNA_THREADS: "每个模型的线程数（默认：物理核心数；64 MB 以下的模型用一个）",
  PUNA_PREFIX_CACHE: "用于保留提示前缀的内存，字节数或 512MB 这样的写法（默认：内存的 5 %）",
  PUNA_API_KEY: "命令行发送的 API 密钥",
  OLLAMA_API_KEY: "与 PUNA_API_KEY 相同，优先级更低",
  PUNA_REQUIRE_KEY: "1：每个请求都需要 API 密钥；0：都不需要（默认：其他机器能访问服务器时需要）",
  PUNA_TLS_CERT: "证书（PEM，包括证书链）：服务器只使用 HTTPS",
  PUNA_TLS_KEY: "证书的私钥（PEM）",
  PUNA_TLS_CA: "除系统证书外，命令行信任的证书（PEM）",
  PUNA_REGISTRY: "让其他机器像从模型仓库一样，从这台机器拉取模型",
  PUNA_ALLOW_PRIVATE_URLS: "允许读取其网页的本地网络主机、地址和网段，用逗号分隔；1：全部（默认：都不允许）",
  PUNA_METRICS: "1：提供给 Prometheus 的 /metrics；0：不提供（默认：只在监听回环地址时提供）",
  OLLAMA_MAX_TRANSFER_STREAMS: "下载一个文件时同时使用的连接数",
  PUNA_TRANSFER_RATE: "所有拉取和推送合计每秒最多的字节数，例如 10MB（默认不限制）",
  PUNA_MIRRORS: "代替某个模型库服务器的地址：host=address，多个用逗号分隔",
  HF_TOKEN: "访问 Hugging Face 私有仓库的令牌",
  HF_ENDPOINT: "Hugging Face 的另一个地址；它会得到 HF_TOKEN",
  HTTPS_PROXY: "访问模型库服务器和网页的代理：http://user:password@host:port",
  HTTP_PROXY: "不加密访问模型库服务器和网页时的代理",
  NO_PROXY: "不经过代理访问的主机、域名、地址和网段，用逗号分隔",
  PUNA_ON_OVERFLOW: "提示超出上下文时：truncate（截断并说明）或 error（报错）",
};

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

const value = (text: string) => (text ? `\`${text}\`` : "");

test("docs/settings.md is the table of src/config.ts", async () => {
  const rows = settings.map((setting) => [`\`${setting.name}\``, value(setting.default), setting.meaning]);
  const page = `# Settings\n
Puna reads its settings from the environment. Names that begin with \`OLLAMA_\` mean what they mean to Ollama; Puna's own begin with
\`PUNA_\`. A value that makes no sense counts as not set.\n\n${table(["variable", "default", "meaning"], rows)}`;
  await expect(page).toMatchFileSnapshot("../../docs/settings.md");
});

test("docs/zh/settings.md says the same in Chinese", async () => {
  const rows = settings.map((setting) => [`\`${setting.name}\``, value(setting.default), chinese[setting.name]]);
  const page = `# 设置\n
Puna 从环境变量读取设置。以 \`OLLAMA_\` 开头的变量与 Ollama 的含义相同，以 \`PUNA_\` 开头的是 Puna 自己的。无效的值视为没有设置。\n\n${table(["变量", "默认值", "含义"], rows)}`;
  await expect(page).toMatchFileSnapshot("../../docs/zh/settings.md");
});
