"""The `ollama` Python client against a server. Usage: ollama_flows.py URL [--shared], where --shared says that the scripted models are there."""

import asyncio
import json
import sys

import ollama

client = ollama.Client(host=sys.argv[1])
OK = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


def user(text):
    return [{"role": "user", "content": text}]


def generate():
    options = {"seed": 7, "num_predict": 16}
    first, again = (client.generate(model="mini", prompt="Hello", raw=True, options=options) for _ in range(2))
    assert first.response == again.response and first.done and first.eval_count <= 16
    parts = list(client.generate(model="mini", prompt="Hello", raw=True, stream=True, options=options))
    assert "".join(part.response for part in parts) == first.response and parts[-1].done_reason in ("stop", "length")


def structured_output():
    answer = client.chat(model="mini", messages=user("Is it?"), format=OK, think=False, options={"num_predict": 200})
    assert isinstance(json.loads(answer.message.content)["ok"], bool)


def models():
    assert "mini:latest" in [model.model for model in client.list().models]
    assert "completion" in client.show("mini").capabilities
    assert "mini:latest" in [model.model for model in client.ps().models]
    assert client.copy("mini", "mini2").status == "success"
    assert client.create(model="brief", from_="mini2", system="Be brief.").status == "success"
    assert client.show("brief").modelfile.count("Be brief.") == 1
    for name in ("mini2", "brief"):
        assert client.delete(name).status == "success"


def errors():
    for call in (lambda: client.chat(model="nope", messages=user("x")), lambda: client.show("nope"), lambda: client.delete("nope")):
        try:
            call()
            raise AssertionError("a model that is not there was found")
        except ollama.ResponseError as error:
            assert error.status_code == 404 and "not found" in error.error


async def leaving():
    waiting = ollama.AsyncClient(host=sys.argv[1])
    async for _ in await waiting.generate(model="mini", prompt="Count", raw=True, stream=True, options={"num_predict": -1}):
        break
    assert (await waiting.generate(model="mini", prompt="Hi", raw=True, options={"num_predict": 1})).eval_count == 1


def abort():
    asyncio.run(leaving())


def streaming():
    parts = client.chat(model="scripted", messages=user("weather"), stream=True)
    assert "".join(part.message.content for part in parts) == "It is sunny today, about 21 degrees."


def tools():
    def get_weather(city: str) -> str:
        """The weather.

        Args:
            city: where

        Returns:
            the weather there
        """
        return f"{city}: clear"

    message = client.chat(model="scripted", messages=user("How is Paris?"), tools=[get_weather]).message
    call = message.tool_calls[0].function
    assert (call.name, dict(call.arguments)) == ("get_weather", {"city": "Paris"})
    told = [*user("How is Paris?"), message, {"role": "tool", "tool_name": call.name, "content": get_weather(**call.arguments)}]
    assert client.chat(model="scripted", messages=told).message.content.startswith("Thanks to the tool")


def thinking():
    message = client.chat(model="thinker", messages=user("2+2"), think=True).message
    assert message.content == "The result is 4." and "two plus two" in message.thinking


def embeddings():
    answer = client.embed(model="potion", input=["A cat sat on the mat.", "The stock market fell."])
    assert [len(vector) for vector in answer.embeddings] == [160, 160]
    assert len(client.embeddings(model="potion", prompt="A cat").embedding) == 160


FLOWS = [generate, structured_output, models, errors, abort]
SHARED = [streaming, tools, thinking, embeddings]
for flow in FLOWS + (SHARED if "--shared" in sys.argv else []):
    flow()
    print("ok", flow.__name__, flush=True)
