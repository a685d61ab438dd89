/** The help of the command line in Chinese. A text without a translation fails the test. */

const texts: Record<string, string> = {
  "Write a knowledge base to one file": "把知识库导出为一个文件",
  "The file, or - for standard output (default: BASE.kb.tar.gz)": "文件，或用 - 表示标准输出（默认：BASE.kb.tar.gz）",
  "Leave the vectors out: the file is smaller, and an import makes them again": "不包含向量：文件更小，导入后重新计算",
  "Write over a file that is there": "覆盖已有的文件",
  "Make a knowledge base from an exported file, or from - for what is piped in": "从导出的文件建立知识库，- 表示从管道读入",
  "Another name than it had": "使用另一个名称",
  "Start the server": "启动服务器",
  "Let other machines pull this one's models, as PUNA_REGISTRY=1 does": "让其他机器从这台机器拉取模型，与 PUNA_REGISTRY=1 相同",
  "Create a model from a Modelfile": "用 Modelfile 创建模型",
  "The Modelfile, or a GGUF file or folder (default: Modelfile)": "Modelfile，或者一个 GGUF 文件或文件夹（默认：Modelfile）",
  "Quantize the model to this type, such as q4_K_M": "把模型量化为这种类型，例如 q4_K_M",
  "Use GGUF files where they lie, without a copy (server on this machine)":
    "直接使用 GGUF 文件所在的位置，不复制（服务器在本机）",
  "Show what a model is": "显示模型的信息",
  "Show the license": "显示许可证",
  "Show the Modelfile": "显示 Modelfile",
  "Show the parameters": "显示参数",
  "Show the prompt template": "显示提示模板",
  "Show the system message": "显示系统消息",
  "Show metadata and tensors as well": "同时显示元数据和张量",
  "Keep up with a folder, a web page, a site or a Git repository; without one, list them":
    "跟进一个文件夹、网页、网站或 Git 仓库；不写时列出它们",
  "Look again after this time, such as 30m, 6h or 1d (default: folders when they change)":
    "隔多久再看一遍，例如 30m、6h 或 1d（默认：文件夹有变化时）",
  "Web: the pages below this one as well": "网页：也包括它下面的页面",
  "Site: links away from the start (default: 3)": "网站：离起点多少层链接（默认 3）",
  "Site: pages at most (default: 200)": "网站：最多多少个页面（默认 200）",
  "Site: paths that belong to it (default: the folder of the start)": "网站：属于它的路径（默认：起点所在的目录）",
  "Site: also the pages of its sitemaps, or of this one": "网站：也包括它的站点地图（或这一个站点地图）里的页面",
  "Web: only this part of each page": "网页：只读每个页面的这一部分",
  "A Git repository, where its address does not say so": "这是 Git 仓库（地址看不出来时）",
  "Git: this branch (default: the one the repository names)": "Git：这个分支（默认：仓库自己的默认分支）",
  "Git: only this folder of it": "Git：只读其中的这个文件夹",
  "Look now at what is watched, or at one of it": "现在就看一遍跟进的内容，或者其中一个",
  "Also at what failed before, though it has not changed": "以前失败的也再试一次，即使没有变化",
  "Watch a source no more; its documents stay": "不再跟进；它的文档保留",
  "Remove its documents as well": "同时移除它的文档",
  "Ask a model, or talk with it": "向模型提问，或与它对话",
  "How long the model stays in memory afterwards, such as 5m": "之后模型在内存中保留多久，例如 5m",
  "Show figures after each answer": "每次回答之后显示统计数字",
  "Do not break lines between words": "不在单词之间换行",
  "Form of the answer: json, or a JSON Schema": "回答的格式：json，或一个 JSON Schema",
  "Let the model think first: true, false, high, medium, low or max": "让模型先思考：true、false、high、medium、low 或 max",
  "Do not show what the model thinks": "不显示思考内容",
  "Embedding models: cut input that is too long (--truncate=false: refuse it)":
    "嵌入模型：截断过长的输入（--truncate=false：拒绝）",
  "Embedding models: length of the vector": "嵌入模型：向量的长度",
  "Fetch a model from a registry": "从模型库服务器拉取模型",
  "Pull models again whose registry has another version": "重新拉取在模型库服务器上有新版本的模型",
  "Only say which are outdated": "只说明哪些已经过时",
  "Send a model to a registry": "把模型推送到模型库服务器",
  "Speak to the registry without encryption": "不加密地访问模型库服务器",
  "Take a model out of memory": "把模型移出内存",
  "List the models on this machine": "列出这台机器上的模型",
  "List the models in memory": "列出内存中的模型",
  "Copy a model": "复制模型",
  "Delete models": "删除模型",
  "Say what Puna finds on this machine, what is wrong and how to mend it":
    "说明 Puna 在这台机器上发现了什么、哪里有问题、怎样解决",
  "Write a script that completes the words of puna in a shell": "输出一个脚本，让 shell 补全 puna 的命令",
  "As JSON": "以 JSON 输出",
  "Say which quantizations of a model, or of a size such as 7B, fit the memory, and with which context":
    "说明某个模型（或某个规模，例如 7B）的哪些量化装得进内存，以及可用的上下文",
  "Split a GGUF file into parts that any server joins again": "把 GGUF 文件拆分成多个文件，任何服务器都能再合并",
  "Most that one part may hold, such as 4GB": "每个文件最多容纳多少，例如 4GB",
  "As if this much memory were free, such as 16GB": "假设有这么多空闲内存，例如 16GB",
  "Remove what no model uses from the model store": "从模型库中删除没有模型使用的内容",
  "API keys of the server: create, list or revoke": "服务器的 API 密钥：create（创建）、list（列出）或 revoke（撤销）",
  "create: what the key is for: inference (the default), models, knowledge, registry, admin; several with commas":
    "create：密钥的用途：inference（默认）、models、knowledge、registry、admin；多个用逗号分隔",
  "create: the only models the key is for, such as qwen3 or 'me/*'; several with commas":
    "create：密钥只能使用的模型，例如 qwen3 或 'me/*'；多个用逗号分隔",
  "create: how long the key lasts, such as 90d or 12h (default: until revoked)":
    "create：密钥的有效期，例如 90d 或 12h（默认：直到撤销）",
  "create: public key, or its file, of an Ollama or Puna that may pull from this registry":
    "create：可以从这个仓库拉取模型的 Ollama 或 Puna 的公钥，或公钥文件",
  "list: revoked keys as well": "list：也列出已撤销的密钥",
  "Knowledge bases: documents that models answer from": "知识库：模型据以回答的文档",
  "Create a knowledge base": "创建知识库",
  "Search by meaning as well, with this embedding model": "同时按含义检索，使用这个嵌入模型",
  "The model that answers (default: one that is here)": "负责回答的模型（默认：本机已有的模型）",
  "query: from the documents alone; chat: the model may add what it knows": "query：只根据文档回答；chat：模型可以补充自己的知识",
  "List the knowledge bases": "列出知识库",
  "Show what a knowledge base holds and how it is set": "显示知识库的内容和设置",
  "Change settings, as key=value; an empty value takes one back": "修改设置，写作 key=value；值为空则恢复默认",
  "Give a knowledge base another name": "给知识库改名",
  "Add files, folders, web addresses, or - for what is piped in": "添加文件、文件夹、网址，或用 - 添加管道传入的文字",
  "The name of what is piped in (default: how it begins)": "管道传入的文字的名称（默认：取文字的开头）",
  "Do not wait until all is read": "不等待全部读完",
  "List the documents": "列出文档",
  "Remove documents, by number, name or place; without one, the knowledge base":
    "按编号、名称或位置删除文档；不写文档则删除整个知识库",
  "Do not ask": "不询问",
  "List the imports, or what became of one": "列出导入任务，或显示某个任务的结果",
  "Try again what failed in an import (default: the last)": "重试某次导入中失败的部分（默认：最近一次）",
  "End an import (default: all that go on); what was read stays": "结束导入（默认：所有进行中的）；已读入的保留",
  "Find passages": "检索段落",
  "How many at most (default: 8)": "最多多少条（默认：8）",
  "Only documents in this folder": "只限这个文件夹中的文档",
  "Only documents in these languages, such as en,zh": "只限这些语言的文档，例如 en,zh",
  "Only documents from this day on, such as 2026-01-31 or 30d": "只限这一天以来的文档，例如 2026-01-31 或 30d",
  "Ask a question, and see where the answer comes from": "提问，并显示回答的出处",
  "The model that answers (default: the one of the knowledge base)": "负责回答的模型（默认：知识库设置的模型）",
  "Vectors beside the words: list, build EMBEDDER, live ID, rollback, drop ID, reset":
    "词语之外的向量索引：list（列出）、build EMBEDDER（建立）、live ID（启用）、rollback（退回）、drop ID（删除）、reset（重建）",
  "build: search it as soon as it is complete": "build：完成后立即启用",
  "build, reset: do not wait for the end": "build、reset：不等待结束",
  "Questions that a base is judged by: list, add QUESTION, make, import FILE, export [FILE], rm ID":
    "检验知识库的问题：list（列出）、add QUESTION（添加）、make（自动生成）、import FILE（导入）、export [FILE]（导出）、rm ID（删除）",
  "add: the answer's words, as they stand in the document": "add：答案的文字，与文档中的写法一致",
  "add: the document, where the quote alone is not enough": "add：所在的文档，仅靠引文不能确定时使用",
  "add: words that a right answer has": "add：正确的回答应当包含的词语",
  "add: the documents do not say, and a refusal is expected": "add：文档没有说明，应当拒答",
  "make: how many (default: 40)": "make：多少个（默认：40）",
  "make: the model that makes them (default: sentences are taken apart)": "make：用来出题的模型（默认：拆开文档的句子）",
  "list, rm: only those of one origin: hand, file, sentences or model":
    "list、rm：只限一种来源：hand（手工）、file（文件）、sentences（句子）或 model（模型）",
  "export: jsonl or csv (default: by the file's name)": "export：jsonl 或 csv（默认：由文件名决定）",
  "Ask a base its questions: what is found, refused and answered; a gate for scripts":
    "用问题检验知识库：找到多少、拒答多少、回答得怎样；可作脚本的关卡",
  "Questions of a file, for this once (default: the base's own)": "文件中的问题，只用这一次（默认：知识库自己的问题）",
  "So many questions made of the base's sentences, for this once": "用知识库的句子生成这么多个问题，只用这一次",
  "In place of the base's": "代替知识库的阈值",
  "Another index than the live one, or words for the words alone": "使用另一个索引；words 表示只按词语检索",
  "Have the answers written, and check them": "让模型写出回答，并加以检查",
  "Have the answers written by this model": "由这个模型写出回答",
  "Fail below this share of answers in the first five hits, such as 0.95": "答案在前五条中的比例低于此值即失败，例如 0.95",
  "Fail below this share of refusals where the documents are silent, such as 0.8":
    "文档没有答案时，拒答的比例低于此值即失败，例如 0.8",
  "Fail when recall fell by more since the evaluation before, such as 0.02": "召回率比上一次评测下降超过此值即失败，例如 0.02",
  "How many questions that went wrong are shown (default: 10)": "显示多少个出错的问题（默认：10）",
  "Compare two indexes, by number or embedder, on the base's own questions": "用知识库自己的问题比较两个索引（写编号或嵌入模型）",
  "Give models in other programs the knowledge bases as tools (MCP over standard input and output)":
    "把知识库作为工具提供给其他程序中的模型（标准输入输出上的 MCP）",
};

export const chinese = {
  title: "命令行",
  introduction: `\`puna\` 通过 HTTP 与 \`OLLAMA_HOST\`（默认 \`127.0.0.1:11434\`）上的服务器通信：可以是用 \`puna serve\` 启动的服务器，也可以是真正的 Ollama。
错误总是标准错误输出中的一行 \`Error: …\`，退出码为 1。进度写到标准错误，回答写到标准输出；重定向后的输出不含控制字符。
设置 \`NO_COLOR\` 可以关闭颜色。

\`puna -v\` 显示服务器的版本，\`puna <command> --help\` 显示某个命令的帮助。`,
  aliases: "也可以写成",
  option: "选项",
  meaning: "含义",
  variables: "环境变量：",
  stop: "。",
  notes: {
    run: `模型名之后的文字是问题；从管道传入的内容放在问题之前。在终端中不写问题就开始对话：\`/?\` 列出对话中的命令，\`"""\` 开始一条多行消息，
Ctrl-C 停止回答，Ctrl-D 离开。随 Puna 附带的模型 \`mini\` 在第一次使用时创建，本机没有的其他模型会先拉取。

\`\`\`sh
puna run mini
puna run mini "你是谁？"
cat report.txt | puna run qwen3 "这份报告是谁写的？"
\`\`\`

mini 要求问题写在段落之前。管道的内容总是在前面，所以把问题也写进管道：

\`\`\`sh
(echo "问题：这份报告是谁写的？"; echo; cat report.txt) | puna run mini
\`\`\``,
    pull: `名称说明模型在哪里：\`qwen3\` 在 Ollama 的模型库，\`hf.co/组织/仓库:Q4_K_M\` 在 Hugging Face，\`host/名称空间/模型\` 在任何其他服务器。
中断的拉取下次从停下的地方继续；不加密的 HTTP 只用于本机，或者用 \`--insecure\`。见[模型](models.md)。`,
    update: `不写名称时：这台服务器拉取过、之后没有变动的每个模型。在本机创建的模型，或者由别的程序拉取的模型，只有写出名称时才更新，因为模型库里可能有同名的另一个模型。
对真正的 Ollama 服务器请写出名称。`,
    push: "名称说明模型到哪里去：`host/名称空间/模型`。先用 `puna cp` 给模型这样一个名称。服务器已有的数据不会再传。",
    create: "Modelfile 的语法与 Ollama 相同。FROM 和 ADAPTER 指向的文件会传到服务器；服务器已有的文件不会再传。",
    prune:
      "在 Puna 自己创建的模型库里，这在启动时自动进行；别的程序创建的模型库只在你要求时才清理。不到一小时的文件，以及未完成的下载，会保留。",
    key: `\`create\` 把密钥（只有密钥）写到标准输出，以后不再显示。需要 scope 为 admin 的密钥；在服务器所在的机器上，由同一用户、用同一个 PUNA_HOME 运行时不需要。

\`\`\`sh
puna key create laptop --expires 90d
puna key create kiosk --model qwen3,mini
puna key revoke laptop
\`\`\``,
    kb: `知识库是一组文档，模型据以回答，并给出回答的出处。见[知识库](knowledge.md)。每个客户端都把它看作模型 \`kb/名称\`；\`puna run kb/名称\` 可以与它对话。

\`\`\`sh
puna kb create notes
puna kb add notes ~/notes report.pdf
puna kb ask notes "夜间渡轮几点开？"
\`\`\``,
    "kb create": `名称可以用任何语言的文字、数字、点、连字符和空格。没有嵌入模型时按词语检索，马上可用；以后可以用 \`puna kb index\` 加上嵌入模型。`,
    "kb set": `可用的 key：\`model\`、\`mode\`（query 或 chat）、\`embedder\`、\`reranker\`（对最好的段落再排一次序）、\`refusal\`（文档没有答案时说的话）、\`threshold\`（0 到 100）、\`passage-tokens\` 和
\`most-passage-tokens\`（段落的长度；\`puna kb index 名称 reset\` 按新长度重新切分）。

\`\`\`sh
puna kb set notes model=qwen3 threshold=50
puna kb set notes refusal="请咨询前台。" model=
\`\`\``,
    "kb add": `添加文件夹时包含其中的所有文件，隐藏文件、图片、压缩包、程序，以及 \`.gitignore\` 或 \`.punaignore\` 列出的文件除外；不跟随文件夹里的链接。已有的内容不会再读。
有文件读不了时，逐个说明原因，其余的照常加入，退出码为 1。

\`\`\`sh
puna kb add notes ~/notes report.pdf https://example.com/guide
pbpaste | puna kb add notes - --name "手机里的笔记"
\`\`\``,
    "kb search": "在终端中，命中的词语以粗体显示。分数从 0 到 100；低于知识库的阈值时，视为文档没有回答这个问题。",
    "kb ask": "先是回答，然后是回答的每一处出处。`--json` 给出回答、精确到字符的引用，以及回答的形成过程。",
    "kb index":
      "`build` 在正在使用的向量旁边建立另一个嵌入模型的向量；`live` 立即切换，`rollback` 切换回去。`reset` 用保存的文本重建索引。除非用 `drop` 指明，什么都不会被清除。",
    "kb questions": `见[评测](knowledge-evaluation.md)。文件可以是 JSON Lines、SQuAD 格式或 CSV。

\`\`\`sh
puna kb questions notes add "夜间渡轮几点开？" --quote "夜间渡轮二十二点十五分开"
puna kb questions notes add "校长是谁？" --refusal
puna kb questions notes make --count 40
puna kb questions notes export questions.jsonl
\`\`\``,
    "kb watch": `路径是服务器所在机器上的文件夹，网址是一个网页；加上 \`--site\` 或任何网站选项，也包括它链接到的页面；以 \`.git\` 结尾的是仓库。
命令等到读完为止，列出新增（+）、改动（~）、移除（-）和读不了（!）的内容；文件夹有变化，或者到了时间，就再看一遍。见[文件夹、网站和仓库](knowledge-sources.md)。

\`\`\`sh
puna kb watch notes ~/notes
puna kb watch notes https://example.com/docs/ --depth 2 --selector article --every 1d
puna kb watch notes https://github.com/me/handbook.git --folder docs --every 6h
puna kb watch notes
\`\`\``,
    "kb eval": `先是各项数字，然后是出错的问题：应当在哪里，实际最先找到的是什么。没有通过要求的关卡时，退出码为 1。见[评测](knowledge-evaluation.md)。

\`\`\`sh
puna kb eval notes --questions questions.jsonl --min-recall 0.95 --min-refusal 0.8
\`\`\``,
    "kb compare": "只按词语、只按各自的向量、两者合用，各检索一遍，并给出建议。什么都不会改变；用 `puna kb index` 切换。",
    mcp: `供给模型提供工具的程序（例如编辑器和助手）使用：列出、检索和阅读，不改变任何东西。写出知识库的名称时，只能看到这些知识库。
见[知识库](knowledge.md#其他程序)。`,
    completion: `补全命令、选项、文件，并通过服务器补全模型名。

\`\`\`sh
echo 'source <(puna completion bash)' >> ~/.bashrc
echo 'source <(puna completion zsh)' >> ~/.zshrc     # 放在 compinit 之后
puna completion fish > ~/.config/fish/completions/puna.fish
\`\`\``,
    doctor: "有问题使 Puna 无法工作时，退出码为 1。",
  } as Record<string, string>,
  say(english: string): string {
    const text = texts[english];
    if (text === undefined) throw new Error(`no Chinese for: ${english}`);
    return text;
  },
};
