"""The `openai` Python client against a server. Usage: openai_flows.py URL [--shared], where --shared says that the scripted models are there."""

import asyncio
import json
import math
import sys

import openai

URL = sys.argv[1] + "/v1"
client = openai.OpenAI(base_url=URL, api_key="unused", max_retries=0)
OK = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}]


def user(text):
    return [{"role": "user", "content": text}]


def seeds():
    def ask():
        answer = client.chat.completions.create(model="mini", messages=user("A story, please."), seed=7, n=2, max_tokens=16)
        return [choice.message.content for choice in answer.choices]

    assert ask() == ask()


def structured_output():
    response_format = {"type": "json_schema", "json_schema": {"name": "answer", "schema": OK, "strict": True}}
    answer = client.chat.completions.create(
        model="mini", messages=user("Is it?"), response_format=response_format, max_tokens=200, reasoning_effort="none"
    )
    assert isinstance(json.loads(answer.choices[0].message.content)["ok"], bool)


def logprobs():
    answer = client.chat.completions.create(
        model="mini", messages=user("Hello"), logprobs=True, top_logprobs=2, max_tokens=4, temperature=0
    )
    for entry in answer.choices[0].logprobs.content:
        assert len(entry.top_logprobs) == 2 and math.isclose(entry.logprob, entry.top_logprobs[0].logprob, abs_tol=1e-5)


def own_fields():
    answer = client.chat.completions.create(
        model="mini", messages=user("Hello"), extra_body={"options": {"num_predict": 1, "num_ctx": 256}, "think": False, "keep_alive": "1m"}
    )
    assert answer.usage.completion_tokens == 1


def text_completions():
    answer = client.completions.create(model="mini", prompt="Once upon", echo=True, max_tokens=4)
    assert answer.choices[0].text.startswith("Once upon")
    chunks = list(client.completions.create(model="mini", prompt=["a", "b"], max_tokens=4, stream=True))
    assert {chunk.choices[0].index for chunk in chunks} == {0, 1}


def responses():
    first = client.responses.create(model="mini", input="Hello", max_output_tokens=8)
    second = client.responses.create(model="mini", input="And?", previous_response_id=first.id, max_output_tokens=8)
    assert second.usage.input_tokens > first.usage.input_tokens
    assert client.responses.retrieve(first.id).id == first.id
    assert client.responses.input_items.list(first.id).data[0].role == "user"
    client.responses.delete(first.id)
    try:
        client.responses.retrieve(first.id)
        raise AssertionError("a deleted response was found")
    except openai.NotFoundError:
        pass
    with client.responses.stream(model="mini", input="Hello", max_output_tokens=200, reasoning={"effort": "none"}) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert stream.get_final_response().output_text == text


def models():
    assert "mini:latest" in [model.id for model in client.models.list()]
    assert client.models.retrieve("mini").owned_by == "library"


def errors():
    def fails(kind, code=None, **body):
        try:
            client.chat.completions.create(**{"model": "mini", "messages": user("x"), **body})
        except kind as error:
            assert code is None or error.code == code, error.code
            return
        raise AssertionError(f"{body} did not fail")

    fails(openai.NotFoundError, "model_not_found", model="nope")
    fails(openai.BadRequestError, messages=[])
    fails(openai.BadRequestError, extra_body={"options": {"top_k": "x"}})
    long = user("x " * 100)
    fails(openai.BadRequestError, "context_length_exceeded", messages=long, extra_body={"num_ctx": 16, "truncate": False})


async def leaving():
    waiting = openai.AsyncOpenAI(base_url=URL, api_key="unused", max_retries=0)
    stream = await waiting.chat.completions.create(model="mini", messages=user("Count."), stream=True)
    async for _ in stream:
        break
    await stream.close()
    answer = await waiting.chat.completions.create(model="mini", messages=user("Hello"), max_tokens=1)
    assert answer.usage.completion_tokens == 1
    await waiting.close()


def abort():
    asyncio.run(leaving())


def streaming():
    text, usage = "", None
    for chunk in client.chat.completions.create(
        model="scripted", messages=user("weather"), stream=True, stream_options={"include_usage": True}
    ):
        text += chunk.choices[0].delta.content or "" if chunk.choices else ""
        usage = chunk.usage or usage
    assert text == "It is sunny today, about 21 degrees.", text
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def tools():
    answer = client.chat.completions.create(model="scripted", messages=user("How is Paris?"), tools=TOOLS)
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls"
    assert json.loads(message.tool_calls[0].function.arguments) == {"city": "Paris"}
    told = [*user("How is Paris?"), message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "clear"}]
    answer = client.chat.completions.create(model="scripted", messages=told)
    assert answer.choices[0].message.content.startswith("Thanks to the tool")


def thinking():
    message = client.chat.completions.create(model="thinker", messages=user("2+2"), reasoning_effort="high").choices[0].message
    assert message.content == "The result is 4." and "two plus two" in message.reasoning
    response = client.responses.create(model="thinker", input="2+2", reasoning={"effort": "high"})
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.usage.output_tokens_details.reasoning_tokens > 5


def embeddings():
    answer = client.embeddings.create(model="potion", input=["A cat sat on the mat.", "The stock market fell."])
    assert [len(entry.embedding) for entry in answer.data] == [160, 160]
    floats = client.embeddings.create(model="potion", input="A cat sat on the mat.", encoding_format="float")
    assert all(abs(a - b) < 1e-6 for a, b in zip(answer.data[0].embedding, floats.data[0].embedding))


FLOWS = [seeds, structured_output, logprobs, own_fields, text_completions, responses, models, errors, abort]
SHARED = [streaming, tools, thinking, embeddings]
for flow in FLOWS + (SHARED if "--shared" in sys.argv else []):
    flow()
    print("ok", flow.__name__, flush=True)
