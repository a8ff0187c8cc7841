use super::*;

fn faults(body: &str) -> Vec<String> {
    let known = BTreeMap::from([
        ("name", Kind::Text),
        ("minutes", Kind::Number),
        ("asks", Kind::Flag),
        ("options", Kind::List),
    ]);
    check(body, &known).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn what_templates_need_is_taken() {
    for body in [
        "Hello { {a} % } #",
        "{{ name }} {{- name | upper | trim -}} x {{ 'it' }}{{ \"}}\" }}",
        "{% if asks and not name or minutes >= 2 %}a{% elif name == \"x\" %}b{% else %}c{% endif %}",
        "{{ (minutes + 59) // 60 }} {{ minutes * 2 - 1 % 3 }}",
        "{%- for one in options -%}{% if not loop.last %}{{ loop.index }} {{ one }}{% endif %}{% endfor %}",
        "{{ options | length }} {{ options | first }} {{ options | join(sep=\", \") }}",
    ] {
        assert_eq!(faults(body), Vec::<String>::new(), "{body}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (body, expected) in [
        (" ", "is empty"),
        (
            "a\nb {{ nmae }}",
            "line 2, character 6: nmae is unknown here; this template knows asks, minutes, name, options",
        ),
        ("{{ name", "line 1, character 1: {{ has no }}"),
        ("{{ asks }}", "line 1, character 4: this is yes or no, which can't be said: use it in an if"),
        (
            "{{ options }}",
            "line 1, character 4: this is a list, which can't be said: go through it with for, or join it",
        ),
        ("{{ name + 1 }}", "line 1, character 9: + takes numbers, not a text"),
        ("{% if name > 1 %}{% endif %}", "line 1, character 12: a text and a number can't be compared by >"),
        ("{{ minutes // 0 }}", "line 1, character 15: after // comes a number other than 0"),
        (
            "{{ name | shout }}",
            "line 1, character 11: the filter shout is unknown; there are upper, lower, capitalize, title, trim, first, last, length, join",
        ),
        ("{{ get_env(name='HOME') }}", "line 1, character 4: there are no functions, so no get_env()"),
        (
            "{% include 'x' %}",
            "line 1, character 1: include can't be used: there are if, elif, else, endif, for and endfor",
        ),
        ("{% if name %}x", "line 1, character 1: if has no endif"),
        ("x{% endif %}", "line 1, character 2: endif has no if that it belongs to"),
        ("{% for x in name %}{% endfor %}", "line 1, character 13: name is a text, not a list"),
        ("{# x #}", "line 1, character 1: comments are not kept: say it in the note of the version"),
        ("a\0", "line 1, character 2: the character U+0000 can't be sent"),
    ] {
        assert_eq!(faults(body), [expected], "{body}");
    }
    assert_eq!(faults("{{ a }}{{ b }}").len(), 2);
}

#[test]
fn what_could_grow_or_read_something_is_refused() {
    let deep = format!("{{{{ {}name{} }}}}", "(".repeat(40), ")".repeat(40));
    let nested = format!("{}x{}", "{% if name %}".repeat(20), "{% endif %}".repeat(20));
    let long = format!("{{{{ 1{} }}}}", "+1".repeat(200));
    for body in [
        "{% set x = name %}",
        "{% set_global x = name %}",
        "{% extends \"en/help\" %}",
        "{% block a %}{% endblock %}",
        "{% component a() %}{% endcomponent a %}",
        "{% filter upper %}x{% endfilter %}",
        "{% raw %}{{ name }}{% endraw %}",
        "{% for a in options %}{% for b in options %}{% endfor %}{% endfor %}",
        "{% for a in [1, 2] %}{% endfor %}",
        "{% for a in range(end=1000) %}{% endfor %}",
        "{% for name in options %}{% endfor %}",
        "{{ name ~ name }}",
        "{{ [1] }}",
        "{{ {\"a\": 1} }}",
        "{{ name[0] }}",
        "{{ name.x }}",
        "{{ name | replace(from=\"\", to=\"xxxxxxxx\") }}",
        "{{ name | indent(width=1000) }}",
        "{{ minutes ** 99 }}",
        "{{ 9999999 }}",
        "{{ 1.5 }}",
        "{{ -1 }}",
        "{{ name if asks else 1 }}",
        "{{ name is string }}",
        "{{ __tera_context }}",
        "{{ loop.index }}",
        "{{ <x/> }}",
        "{{ ...name }}",
        "{{ name?.x }}",
        "{{ 'a\\'' }}",
        "{{ `a` }}",
        &deep,
        &nested,
        &long,
        &"x".repeat(MAX_CHARACTERS + 1),
    ] {
        assert_ne!(faults(body), Vec::<String>::new(), "{body}");
    }
}
