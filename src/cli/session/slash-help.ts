/** The help texts of a conversation. */

const COMMANDS = `Available Commands:
  /set            Change a setting of this conversation
  /show           Show what the model is
  /load <model>   Go on with another model
  /save <model>   Keep this conversation as a model of its own
  /list [prefix]  List the models on this machine
  /clear          Forget what was said so far
  /bye            Leave
  /?, /help       Help for a command
  /? shortcuts    Help for keyboard shortcuts

Use """ to begin a multi-line message.
`;

const SET = `Available Commands:
  /set parameter ...     Set a parameter
  /set system <string>   Set the system message
  /set history           Keep a history of what is typed
  /set nohistory         Keep none
  /set wordwrap          Break lines between words
  /set nowordwrap        Break lines where the window ends
  /set format json       Answers are JSON
  /set noformat          Answers are text
  /set verbose           Show figures after each answer
  /set quiet             Show none
  /set think [level]     Let the model think first: true, high, medium or low
  /set nothink           Answer at once
`;

const PARAMETERS = `Available Parameters:
  /set parameter seed <int>             Random seed: the same seed gives the same answer
  /set parameter num_predict <int>      Most tokens to write
  /set parameter top_k <int>            Choose from the k likeliest tokens
  /set parameter top_p <float>          Choose from tokens that hold this much probability
  /set parameter min_p <float>          Leave out tokens less likely than this, relative to the likeliest
  /set parameter num_ctx <int>          Context length in tokens
  /set parameter temperature <float>    How daring answers are
  /set parameter repeat_penalty <float> How strongly to avoid repetition
  /set parameter repeat_last_n <int>    How far back to look for it
  /set parameter num_gpu <int>          Layers to keep on a GPU
  /set parameter stop <string> ...      Where to stop
`;

const SHOW = `Available Commands:
  /show info         Show an overview of the model
  /show license      Show its license
  /show modelfile    Show its Modelfile
  /show parameters   Show its parameters
  /show system       Show the system message
  /show template     Show the prompt template
`;

const SHORTCUTS = `Available keyboard shortcuts:
  Ctrl + a            To the beginning of the line (Home)
  Ctrl + e            To the end of the line (End)
  Alt + b             Back one word
  Alt + f             Forward one word
  Ctrl + k            Delete to the end of the line
  Ctrl + u            Delete to the beginning of the line
  Ctrl + w            Delete the word before the cursor
  Ctrl + j            Begin a new line
  Ctrl + p, Ctrl + n  Earlier and later lines (arrow keys)
  Ctrl + l            Clear the screen
  Ctrl + g            Write the message in your editor
  Ctrl + z            Suspend
  Ctrl + c            Stop the answer
  Ctrl + d            Leave (/bye)
`;

/** Help for a topic; the commands for none or an unknown one. */
export function help(topic = ""): string {
  const texts: Record<string, string> = { set: SET, show: SHOW, shortcuts: SHORTCUTS, parameter: PARAMETERS };
  return `${texts[topic.replace(/^\//, "")] ?? COMMANDS}\n`;
}
