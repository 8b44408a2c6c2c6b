# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/chat_templates/goldens.json: what jinja2 makes of templates in the manner of the model families, and
# of snippets of every feature, with the environment that transformers uses. Pinned: jinja2 3.1.6, transformers 5.23.0.
#   python tests/data/make_chat_template_goldens.py
import json
import pathlib

import jinja2
from transformers.utils.chat_template_utils import _compile_jinja_template

FOLDER = pathlib.Path(__file__).parent / "chat_templates"

FAMILIES = {
    "chatml": """{%- if messages[0]['role'] != 'system' -%}
    {{- '<|im_start|>system\\nBe brief.<|im_end|>\\n' -}}
{%- endif -%}
{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>' + '\\n' }}
{% endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""",
    "llama2": """{% if messages[0].role == 'system' %}
{% set system = messages[0].content %}{% set turns = messages[1:] %}
{% else %}
{% set system = none %}{% set turns = messages %}
{% endif %}
{% for turn in turns %}
    {% if (turn.role == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('Roles must take turns: user, assistant, user ...') }}
    {% endif %}
    {% if loop.first and system is not none %}
        {% set text = '<<SYS>>\\n' ~ system ~ '\\n<</SYS>>\\n\\n' ~ turn.content %}
    {% else %}
        {% set text = turn.content %}
    {% endif %}
    {%- if turn.role == 'user' -%}
        {{ bos_token ~ '[INST] ' ~ text.strip() ~ ' [/INST]' }}
    {%- elif turn.role == 'assistant' -%}
        {{ ' ' ~ text.strip() ~ ' ' ~ eos_token }}
    {%- else -%}
        {{ raise_exception('Unknown role ' + turn.role) }}
    {%- endif -%}
{% endfor %}""",
    "llama3": """{{- bos_token }}
{#- A date where none is given. -#}
{%- if not date_string is defined %}{% set date_string = '26 Jul 2024' %}{% endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}
{{- 'Today: ' + date_string + '\\n\\n' }}
{{- system_message }}{{- '<|eot_id|>' }}
{%- if tools is not none %}{{ tools | tojson(indent=4) }}{% endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "mistral": """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set ns = namespace(index=0) %}
{%- for message in loop_messages %}
    {%- if message.role in ["user", "assistant"] %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("roles must alternate, at " ~ ns.index) }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- else %}
        {{- " " + message["content"] + eos_token }}
    {%- endif %}
{%- endfor %}
""",
    "qwen": """{%- macro turn(role, text='', close=true) -%}
<|im_start|>{{ role }}
{{ text }}{% if close %}<|im_end|>
{% endif %}
{%- endmacro -%}
{%- if messages and messages[0].role == 'system' %}
    {{- turn('system', messages[0].content) }}
{%- else %}
    {{- turn('system', 'You are a helper.') }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1, found=false) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" and not (message.content.startswith('<r>') and message.content.endswith('</r>')) %}
        {%- set ns.found = true %}{%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- turn(message.role, message.content) }}
    {%- elif message.role == 'assistant' %}
        {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
        {{- turn('assistant', content if loop.index0 > ns.last else content | trim) }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- turn('assistant', close=false) }}{%- endif %}
""",
    "zephyr": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "gemma": """{{ bos_token }}
{%- if messages[0].role == 'system' %}{{ raise_exception('No system role here') }}{% endif %}
{%- for message in messages %}
    {%- set role = 'model' if message.role == 'assistant' else message.role %}
    {{- '<start_of_turn>' ~ role ~ '\\n' ~ (message.content | trim) ~ '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}""",
    "phi": """{% for message in messages if message.role != 'tool' %}{% if message['role'] in ('system', 'user') %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}
{%- else %}{% generation %}{{ '<|assistant|>\\n' + message['content'] + '<|end|>\\n' }}{% endgeneration %}{% endif %}{% else %}nothing{% endfor %}
{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}""",
}

CONVERSATIONS = [
    [("user", "Hello there")],
    [("user", "Hi"), ("assistant", " Hello! "), ("user", "How are you?\n")],
    [("system", "You are a bird.\n"), ("user", "Sing <b>&</b> 'now' \"please\""), ("assistant", "Tweet 🦜")],
    [("system", "S"), ("user", "a"), ("assistant", "<think>\nx\n</think>\n\nb"), ("user", "<r>c</r>"), ("assistant", "d\n\n")],
    [("user", ""), ("assistant", "")],
    [("user", "one"), ("user", "two")],
    [("tool", "x")],
]

SNIPPETS = """
a{{ 1 }}b|{{ 'x' }}|{{ "y" }}|{{ 'a' 'b' }}|{{ 'q\\'r' }}|{{ "\\u00e9\\x41\\101\\t|\\d" }}
{{ none }}|{{ true }}|{{ False }}|{{ 1.0 }}|{{ 1e20 }}|{{ 1e-5 }}|{{ 0.1 + 0.2 }}|{{ 1_000 }}|{{ -3 }}|{{ +3 }}|{{ - -3 }}
{{ 7 // 2 }}|{{ -7 // 2 }}|{{ 7 % 3 }}|{{ -7 % 3 }}|{{ 7 % -3 }}|{{ 7 / 2 }}|{{ 2 ** 10 }}|{{ 2 ** -1 }}|{{ -7.5 % 2 }}|{{ 7.5 // 2 }}
{{ 1 + 2 * 3 - 4 }}|{{ (1 + 2) * 3 }}|{{ 2 * 3 ** 2 }}|{{ 2 ** 3 ** 2 }}|{{ -2 ** 2 }}|{{ 1 ~ 2 + 3 ~ 4 }}|{{ 'a' ~ 1 ~ none }}
{{ 1 < 2 }}|{{ 1 < 2 < 3 }}|{{ 3 > 2 > 2 }}|{{ 1 == 1.0 }}|{{ 1 == true }}|{{ 'a' < 'b' }}|{{ [1, 2] < [1, 3] }}|{{ 'a' == 1 }}
{{ 1 in [1, 2] }}|{{ 3 not in [1, 2] }}|{{ 'b' in 'abc' }}|{{ 'a' in {'a': 1} }}|{{ not 1 in [1] }}|{{ 1 in (1,) }}
{{ 1 and 0 }}|{{ 0 or 'x' }}|{{ not '' }}|{{ '' or [] or 'z' }}|{{ none and 1 }}|{{ not not 2 }}
{{ 'a' if true else 'b' }}|{{ 'a' if false }}|{{ 'a' if 0 else 'b' if 0 else 'c' }}|{{ ('a' if 1) | upper }}
{{ [1, 'a', none, true, 1.5] }}|{{ (1, 2) }}|{{ (1,) }}|{{ () }}|{{ {'a': 1, 2: [3]} }}|{{ ['it\\'s', 'say "x"', 'a\\nb\\\\'] }}|{{ [] }}|{{ {} }}
{{ 1, 2 }}|{% set x = 1, 2 %}{{ x }}|{% set a, b = 3, 4 %}{{ a }}{{ b }}|{% set (c, d) = [5, 6] %}{{ c }}{{ d }}
{{ 'abc' * 2 }}|{{ 2 * [1] }}|{{ 'a' * -1 }}|{{ [1] + [2] }}|{{ 'a' + 'b' }}|{{ true + 1 }}|{{ (1,) + (2,) }}
{{ 'hello'[0] }}|{{ 'hello'[-1] }}|{{ 'hello'[1:3] }}|{{ 'hello'[::-1] }}|{{ 'hello'[::2] }}|{{ 'hello'[-3:] }}|{{ 'hello'[:-1] }}|{{ 'hello'[10:] }}|{{ 'größe🦜x'[3:6] }}
{{ [1,2,3,4][1:] }}|{{ [1,2,3,4][::-2] }}|{{ [1,2,3][5] }}|{{ [1,2,3][-3] }}|{{ [1,2,3][none:2] }}|{{ (1,2,3)[1:] }}|{{ 'abc'[5] }}|{{ [1,2,3].0 }}
{{ {'a': 1}.a }}|{{ {'a': 1}['a'] }}|{{ {'a': 1}.b }}|{{ {'a': {'b': 2}}.a.b }}|{{ {'items': 5}['items'] }}|{{ {'get': 1}.get('get') }}
{{ x is defined }}|{{ x is undefined }}|{{ x is not defined }}|{{ none is none }}|{{ 1 is number }}|{{ 1 is integer }}|{{ 1.5 is float }}|{{ true is boolean }}|{{ true is number }}|{{ true is integer }}
{{ 'a' is string }}|{{ {} is mapping }}|{{ [] is iterable }}|{{ 'a' is iterable }}|{{ 1 is iterable }}|{{ [] is sequence }}|{{ {} is sequence }}|{{ true is true }}|{{ 1 is true }}|{{ false is false }}
{{ 3 is odd }}|{{ 4 is even }}|{{ 6 is divisibleby 3 }}|{{ 6 is divisibleby(4) }}|{{ 1 is equalto 1 }}|{{ 'a' is eq 'b' }}|{{ 1 is in [1] }}|{{ 2 is gt 1 }}|{{ 'ABC' is upper }}|{{ 'abc' is lower }}|{{ range is callable }}|{{ 1 is not none and 2 is number }}
{{ '  a b  ' | trim }}|{{ 'xxaxx' | trim('x') }}|{{ 'abc' | length }}|{{ [1,2] | count }}|{{ {'a':1} | length }}|{{ 'größe' | length }}
{{ [1,2,3] | join(', ') }}|{{ ['a','b'] | join }}|{{ [{'n':'a'},{'n':'b'}] | join('-', attribute='n') }}|{{ 'abc' | join('.') }}
{{ {'a': [1, 2.5, none, true], 'b': 'x"y\\n', 'é': '🦜<&>'} | tojson }}|{{ [] | tojson }}|{{ 'a' | tojson }}|{{ {} | tojson(indent=2) }}
{{ {'a': [1, {'b': []}], 'c': {}} | tojson(indent=4) }}
{{ 'aBc' | upper }}|{{ 'aBc' | lower }}|{{ 'aBC d' | capitalize }}|{{ "hello wORLD it's foo-bar (baz)" | title }}|{{ "hello wORLD it's foo-bar" .title() }}|{{ 'ß straße ǆ' | upper }}|{{ 'İ ÀÉ' | lower }}
{{ x | default('d') }}|{{ '' | default('d') }}|{{ '' | default('d', true) }}|{{ none | d('e') }}|{{ none | default('e', boolean=true) }}|{{ x.y if x is defined else 'no' }}
{{ [1,2,3] | first }}|{{ [1,2,3] | last }}|{{ 'abc' | first }}|{{ [] | first }}|{{ 'abc' | list }}|{{ {'a':1,'b':2} | list }}|{{ (1,2) | list }}
{{ 'aXbX' | replace('X', '-') }}|{{ 'aXbX' | replace('X', '-', 1) }}|{{ 'ab' | replace('', '.') }}|{{ 'aXbX'.replace('X', 'yy') }}|{{ 'aXbX'.replace('X', '', 1) }}
{{ ['a','b'] | map('upper') | list }}|{{ [{'a':1},{'a':2}] | map(attribute='a') | list }}|{{ [{'a':{'b':3}}] | map(attribute='a.b') | list }}|{{ [{'a':1},{}] | map(attribute='a', default=0) | join(',') }}
{{ [0,1,2,3] | select | list }}|{{ [1,2,3,4] | select('even') | list }}|{{ [1,2,3,4] | reject('odd') | list }}|{{ [1,2,3] | select('gt', 1) | list }}|{{ ['a',1] | select('string') | list }}
{{ [{'r':'u','c':1},{'r':'a','c':2}] | selectattr('r','equalto','u') | list }}|{{ [{'r':'u'},{'r':'a'}] | rejectattr('r','eq','u') | map(attribute='r') | join }}|{{ [{'a':1},{'b':1}] | selectattr('a','defined') | list | length }}|{{ [{'a':0},{'a':1}] | selectattr('a') | list }}
{{ {'a':1,'b':2} | items | list }}|{{ '3' | int + 1 }}|{{ 'x' | int }}|{{ 'x' | int(7) }}|{{ 3.9 | int }}|{{ ' 12 ' | int }}|{{ '3.7' | int }}|{{ 1 | string + '2' }}|{{ '1.5' | float }}|{{ 3 | float }}|{{ 'a<b' | safe }}
{{ 'a\\nb\\n\\nc' | indent }}|{{ 'a\\nb' | indent(2, true) }}|{{ 'a\\n\\nb' | indent(1, blank=true) }}|{{ 'a\\nb\\n' | indent('>>') }}|{{ '' | indent }}
{{ [3,1,2] | sort }}|{{ ['b','A','c'] | sort }}|{{ [3,1,2] | sort(reverse=true) }}|{{ [{'n':2},{'n':1}] | sort(attribute='n') }}|{{ [1,1,2,'a','A'] | unique | list }}|{{ [1,2,3] | reverse | list }}|{{ 'abc' | reverse }}|{{ [1,2,3] | sum }}|{{ [3,1] | min }}|{{ [3,1] | max }}|{{ 2.567 | round(1) }}|{{ -3 | abs }}|{{ 2.5 | round }}
{{ ' a '.strip() }}|{{ 'xxa'.lstrip('x') }}|{{ 'axx'.rstrip('x') }}|{{ 'xyaxy'.strip('yx') }}|{{ 'éaé'.strip('é') }}|{{ '\\u2003a\\u00a0'.strip() }}
{{ 'a b  c'.split() }}|{{ 'a,b,,c'.split(',') }}|{{ 'a,b,c'.split(',', 1) }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ ''.split() }}|{{ ''.split(',') }}|{{ ' a  b '.split(none, 1) }}|{{ 'a--b'.split('--')[-1] }}|{{ 'a\\nb\\r\\nc'.splitlines() }}
{{ 'abc'.startswith('ab') }}|{{ 'abc'.endswith('bc') }}|{{ 'abc'.startswith(('x', 'a')) }}|{{ 'aBc'.upper() }}|{{ 'aBc'.lower() }}|{{ 'abc'.capitalize() }}|{{ 'abcabc'.find('c') }}|{{ 'größe'.find('e') }}|{{ 'abcabc'.count('b') }}|{{ '-'.join(['a','b']) }}|{{ '12'.isdigit() }}|{{ [1,2,1].count(1) }}|{{ [1,2].index(2) }}
{% for k, v in {'a':1,'b':2}.items() %}{{ k }}={{ v }};{% endfor %}|{% for k in {'a':1,'b':2} %}{{ k }}{% endfor %}|{{ {'a':1}.keys() | list }}|{{ {'a':1}.values() | list }}|{{ {'a':1}.get('b') }}|{{ {'a':1}.get('b', 2) }}
{% for i in range(3) %}{{ i }}{% endfor %}|{% for i in range(1, 10, 3) %}{{ i }}{% endfor %}|{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}|{% for c in 'añ🦜' %}[{{ c }}]{% endfor %}|{% for i in [] %}x{% else %}empty{% endfor %}|{% for i in nothing %}x{% else %}none{% endfor %}
{% for i in [5,6,7] %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a','b') }};{% endfor %}
{% for i in [1,2,3,4] if i is even %}{{ loop.index }}:{{ i }} {% endfor %}|{% for i in [1,2,3,4] %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for a in [1,2] %}{% for b in [3,4] %}{{ a }}{{ b }}{{ loop.index }} {% endfor %}{{ loop.index }};{% endfor %}|{% for a, b in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}
{% set x = 1 %}{% for i in [1,2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}|{% if true %}{% set y = 2 %}{% endif %}{{ y }}
{% set ns = namespace(n=0, s='') %}{% for i in [1,2,3] %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.n }}{{ ns.s }}{{ ns.zzz }}|{% set m = namespace({'a': 1}, b=2) %}{{ m.a }}{{ m.b }}
{% set t %}a{{ 1 }}b{% endset %}[{{ t }}]|{% set u | upper | trim %} abc {% endset %}[{{ u }}]|{% filter upper %}x{{ 'y' }}{% endfilter %}
{% macro f(a, b=2, c='z') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}|{{ f(1, 3) }}|{{ f(1, c='q') }}|{{ f(b=5, a=4) }}|{{ f() }}|{{ f(1) | length }}
{% macro g(n) %}{{ n }}{% if n > 0 %}{{ g(n - 1) }}{% endif %}{% endmacro %}{{ g(3) }}|{% set v = 'outer' %}{% macro h() %}{{ v }}{% endmacro %}{{ h() }}{% set v = 'changed' %}{{ h() }}
{% macro box(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call box('b') %}in{{ 1 }}{% endcall %}|{% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) each([1,2]) %}({{ i }}){% endcall %}
{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}|{% generation %}g{% endgeneration %}|{% raw %}{{ x }}{% if %}{% endraw %}|{# comment {{ x }} #}c
a  {%- if true -%}  b  {%- endif -%}  c|a {%+ if true %} b {% endif +%}
x  {#- c -#}  y|{{- ' z ' -}}  w
{% if false %}a{% elif 0 %}b{% elif 1 %}c{% else %}d{% endif %}|{% if x %}a{% else %}b{% endif %}|{% if not x and 1 %}y{% endif %}
{{ ''.__class__ }}|{{ (x is defined) and x.__class__ }}|{{ {'__a': 1}['__a'] }}|{{ {'_p': 1}._p }}|{{ [].append is defined }}
{{ x }}|{{ x | upper }}|{{ x | list }}|{{ x ~ 'a' }}|{{ x | join(',') }}|{{ x == y }}|{{ x == none }}|{{ 1 in x }}|{{ x | length }}
{{ {'a':1,'b':[1,2]} == {'b':[1,2],'a':1} }}|{{ [1,[2]] == [1,[2]] }}|{{ (1,2) == [1,2] }}|{{ {'a':1} != {'a':2} }}|{{ 'a' != 'a' }}
{{ 'a' | upper ~ 'b' }}|{{ -1 | abs }}|{{ 'a' + 'b' | upper }}|{{ ('a' + 'b') | upper }}|{{ 1 + 1 is even }}|{{ not 1 is odd }}|{{ [1,2][0] + 1 }}|{{ {'f': 'x'}.f.upper() }}|{{ 'a,b'.split(',') | last | upper }}
{{ dict(a=1, b=2) }}|{{ dict({'x': 1}, y=2).y }}|{{ messages | length }}|{{ messages[0].role }}|{{ messages[-1]['content'] }}|{{ bos_token }}{{ eos_token }}|{{ tools is none }}|{{ add_generation_prompt }}
{{ 9007199254740993 }}|{{ 1e16 }}|{{ 123456789.125 }}|{{ 1.5e300 }}|{{ 100.0 }}|{{ 0.0001 }}|{{ 1 / 3 }}|{{ 1e15 }}
""".strip("\n").split("\n")

# Snippets of several lines.
BLOCKS = [
    "  {% if true %}  \n  indented\n    {%- if 1 %} a {%- endif %}\n  {% endif %}\ntail",
    "  {{ 'kept' }}  \n  {# gone #}\n{% raw %}\n r\n{% endraw %}\nend",
    "{% for m in messages %}\n  {% if m.role == 'user' %}\n  U: {{ m.content }}\n  {% endif %}\n{% endfor %}\nend\n",
    "a\n  {% set x = 1 %}\n  b\n\t{% if x %}\n\tc\n\t{% endif %}\t\n d",
    "{% if true %}\n\n\nx\n{% endif %}\n\n",
    "{% if true -%}\n\n  x  \n\n{%- endif %}\n  y",
    "line\r\nnext\r{{ 'a' }}\r\n",
    "  {#- strip -#}  \n {{- 'v' -}} \n  {%- if 1 -%}\n a\n{%- endif -%}\n",
    "{{ 'x' }}\n{{ 'y' }}\n\n",
    "{% raw -%}\n  {{ raw }}\n{%- endraw %}\nz",
    "{# one #}\n{# two #}\nx {# three #}\ny",
    " {%+ if true %}\n a {%+ endif %}\nb",
    "{% macro m(x) %}\n  [{{ x }}]\n{% endmacro %}\n{{ m(1) }}\n{{- m(2) }}\n",
    "{% for i in [1,2] -%}\n  {{ i }}\n{%- endfor %}\n",
    "{% for i in [1,2] %}\n  {%- if loop.first %}\nfirst{% endif -%}\n  ,\n{% endfor %}",
    "{{ '" + "".join(chr(c) for c in range(0x21) if c not in (0x0A, 0x0D)) + "\\n\\r\\\\/\"\x7f\x80\xa0\u2028\ufeff\U0001f99c' | tojson }}",
    "",
    "\n",
    "\n\n",
]

# What must fail, in jinja2 as well.
FAILURES = [
    "{{ x.y }}", "{{ x + 1 }}", "{{ none + 1 }}", "{{ 'a' + 1 }}", "{{ 1 / 0 }}", "{{ 1 % 0 }}", "{% for i in 3 %}{% endfor %}",
    "{% for a, b in [1] %}{% endfor %}", "{{ ''.__class__.__mro__ }}", "{{ x() }}", "{{ 1() }}", "{{ [] | nofilter }}", "{{ 1 is notest }}",
    "{{ 1 < 'a' }}", "{{ none < 1 }}", "{{ [1].append(2) }}", "{{ {}.update({'a': 1}) }}", "{% set x.y = 1 %}", "{{ raise_exception('own words') }}",
    "{{ 'a'[::0] }}", "{{ range(10 ** 9) }}", "{{ 'a'.split('') }}", "{{ none | length }}", "{{ none | list }}", "{{ 1 in 1 }}", "{{ 1 in 'a' }}",
    "{{ x | tojson }}", "{{ {[]: 1} }}", "{% macro f() %}{% endmacro %}{{ f(1) }}", "{% macro f() %}{% endmacro %}{{ f(a=1) }}",
    "{{", "{{ }}", "{% if %}{% endif %}", "{% if 1 %}", "{% endif %}", "{% for %}{% endfor %}", "{% nosuchtag %}", "{{ 1 + }}", "{{ (1 }}", "{{ [1 }}",
    "{{ 'a }}", "{# a", "{% raw %}a", "{{ 1 2 }}", "{{ a.}}", "{{ a b }}", "{% else %}", "{% break %}", "{{ {1} }}", "{{ f(a=1, 2) }}", "{{ ? }}", "{{ 1 } }}",
]


def render(template, conversation, generation):
    messages = [{"role": role, "content": content} for role, content in conversation]
    try:
        text = _compile_jinja_template(template).render(
            messages=messages, tools=None, documents=None, add_generation_prompt=generation, bos_token="<s>", eos_token="</s>")
        return {"text": text}
    except jinja2.exceptions.TemplateError as error:
        return {"error": str(error)}
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError, SyntaxError) as error:
        return {"error": str(error)}


def main():
    assert jinja2.__version__ == "3.1.6", jinja2.__version__
    FOLDER.mkdir(exist_ok=True)
    families = [
        {"name": name, "template": template, "renderings": [
            {"messages": conversation, "generation": generation, **render(template, conversation, generation)}
            for conversation in CONVERSATIONS for generation in (False, True)]}
        for name, template in FAMILIES.items()]
    sample = CONVERSATIONS[2]
    pieces = [part for line in SNIPPETS for part in ([line] if "{% " in line or "{#" in line else line.split("|{{"))]
    pieces = [part if part.startswith("{{") or "{% " in part or "{#" in part or part.startswith("a{{") else "{{" + part for part in pieces]
    snippets = [{"template": part, **render(part, sample, True)} for part in pieces + BLOCKS]
    for snippet in snippets:
        if "error" in snippet:
            print("fails:", snippet)
    failures = [{"template": template, **render(template, sample, True)} for template in FAILURES]
    for failure in failures:
        if "error" not in failure:
            print("does not fail:", failure)
    golden = {"families": families, "sample": sample, "snippets": snippets, "failures": failures}
    (FOLDER / "goldens.json").write_text(json.dumps(golden, ensure_ascii=True, indent=0) + "\n")


if __name__ == "__main__":
    main()
