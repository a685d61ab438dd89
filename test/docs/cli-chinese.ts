/** The help of the command line in Chinese. A text without a translation fails the test. */

const texts: Record<string, string> = {
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
  "create: what the key is for: inference (the default), models, registry, admin; several with commas":
    "create：密钥的用途：inference（默认）、models、registry、admin；多个用逗号分隔",
  "create: the only models the key is for, such as qwen3 or 'me/*'; several with commas":
    "create：密钥只能使用的模型，例如 qwen3 或 'me/*'；多个用逗号分隔",
  "create: how long the key lasts, such as 90d or 12h (default: until revoked)":
    "create：密钥的有效期，例如 90d 或 12h（默认：直到撤销）",
  "create: public key, or its file, of an Ollama or Puna that may pull from this registry":
    "create：可以从这个仓库拉取模型的 Ollama 或 Puna 的公钥，或公钥文件",
  "list: revoked keys as well": "list：也列出已撤销的密钥",
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
