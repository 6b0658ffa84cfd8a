"""Answers as models give them, well formed and not, for every style: (style, case) to the answer with its prefill.

"bullets", "records" and "asked" stand for styles of the user's own, with parsers that no built-in style has.
"""

from __future__ import annotations

SOURCE = (
    'The "del" statement removes a name from its scope. Removing a name twice raises a "NameError". '
    "A list of names is removed from left to right. Of 12 names 3 were gone."
)

GOOD = {
    "tutorial": '1. Use "del" to remove a name from its scope.\n2. Never remove it twice, or a "NameError" is raised.',
    "key_facts": '1. The "del" statement removes a name.\n2. Names in a list are removed from left to right.',
    "bullets": '- The "del" statement removes a name.\n- Names in a list are removed from left to right.',
    "summary": '"del" removes names from their scope, one after the other.',
    "faq": 'Q: What does "del" do?\nA: It removes a name.\n\nQ: What if the name is gone?\nA: A "NameError" is raised.',
    "table": '| Term | Meaning |\n| --- | --- |\n| "del" | removes a name |\n| "NameError" | raised the second time |',
    "wiki": 'The "del" statement removes names.\n\nWhere a name is missing, a "NameError" is raised.',
    "plain": 'With "del" you take a name away. You cannot do it twice.',
    "reword": 'A name leaves its scope by the "del" statement.',
    "records": '{"facts": [{"name": "del", "does": "removes a name"}, {"name": "NameError", "does": "is raised"}]}',
    "qa_append": 'Q: What does "del" remove?\nA: A name.\nQ: What is raised the second time?\nA: A "NameError".',
    "dialogue": 'Learner: What does "del" do?\nTeacher: It removes a name.\nLearner: And twice?\nTeacher: An error.',
    "math": "Problem: 12 names are removed, 3 at a time. How often?\nSolution: 12 / 3 = 4\nAnswer: 4 times",
    "recontextualise": "This tells how names are removed, which harms nobody.",
    "asked": 'What does the "del" statement remove?',
    "continue": "Deleting an item of a list uses the same statement.",
}

LISTS = {
    ("tutorial", "bracket numbers"): "1) Take a name.\n2) Remove it.",
    ("tutorial", "blank lines between"): "1. Take a name.\n\n2. Remove it.",
    ("tutorial", "wrapped item"): "1. Take a name\n   of your scope.\n2. Remove it.",
    ("tutorial", "number begun at the end"): "1. Take a name.\n2. Remove it.\n3.",
    ("tutorial", "empty item inside"): "1. Take a name.\n2.\n3. Remove it.",
    ("tutorial", "number skipped"): "1. Take a name.\n3. Remove it.",
    ("tutorial", "begins again"): "1. Take a name.\n1. Remove it.",
    ("tutorial", "all on one line"): "1. Take a name. 2. Remove it.",
    ("tutorial", "closing remark"): "1. Take a name.\n2. Remove it.\nI hope this helps!",
    ("tutorial", "same item again"): "1. Take a name.\n2. Remove it.\n3. Take a name!",
    ("tutorial", "too many"): "\n".join(f"{number}. Take name number {number}." for number in range(1, 15)),
    ("tutorial", "placeholder"): "1. Step 1\n2. Step 2",
    ("tutorial", "decimal at the start"): "1. Take it.\n1.5 is not a step.",
    ("bullets", "stars"): "* A name is removed.\n* It is gone.",
    ("bullets", "two marks"): "- A name is removed.\n* It is gone.",
    ("bullets", "nested"): "- A name is removed.\n  - It is gone.",
    ("bullets", "mark begun at the end"): "- A name is removed.\n- It is gone.\n-",
    ("bullets", "text between"): "- A name is removed.\nAnd so:\n- It is gone.",
    ("bullets", "one fact"): "- A name is removed.",
    ("bullets", "placeholder in brackets"): "- [fact]\n- [fact]",
    ("bullets", "dots"): "- A name is removed.\n- ...",
    ("bullets", "label"): "- Fact 1: a name is removed.\n- Fact 2: it is gone.",
}

PAIRS = {
    ("faq", "question without answer at the end"): "Q: What?\nA: A name.\nQ: Which?\nA: The last.\nQ: And then",
    ("faq", "answer begun at the end"): "Q: What?\nA: A name.\nQ: Which?\nA: The last.\nQ: Why?\nA:",
    ("faq", "no answer inside"): "Q: What?\nA:\nQ: Which?\nA: The last.",
    ("faq", "two questions in a row"): "Q: What?\nQ: Which?\nA: The last.",
    ("faq", "answer first"): "A: A name.",
    ("faq", "question that asks nothing"): "Q: The del statement\nA: It removes.\nQ: Which?\nA: The last.",
    ("faq", "copied word"): "Q: Question: What does it do?\nA: It removes a name.\nQ: Which?\nA: The last.",
    ("faq", "copied word alone"): "Q: Question?\nA: Answer\nQ: Question?\nA: Answer",
    ("faq", "long answers"): "Q: What?\nA: A name.\nAnd more of it.\n\nQ: Which?\nA: The last.",
    ("table", "no line of dashes"): "| Term | Meaning |\n| del | removes |",
    ("table", "short row"): "| Term | Meaning |\n| --- | --- |\n| del | removes |\n| NameError |",
    ("table", "row cut off"): "| Term | Meaning |\n| --- | --- |\n| del | removes |\n| NameError | rai",
    (
        "table",
        "row begun at the end",
    ): "| Term | Meaning |\n| --- | --- |\n| del | removes |\n| Name | raised |\n|",
    ("table", "empty cell"): "| Term | Meaning |\n| --- | --- |\n| del | |\n| NameError | raised |",
    ("table", "bar in a cell"): "| Term | Meaning |\n| --- | --- |\n| a \\| b | either |\n| del | removes |",
    ("table", "header again"): "| Term | Meaning |\n| --- | --- |\n| Term | Meaning |\n| Term | Meaning |",
    ("table", "header only"): "| Term | Meaning |\n| --- | --- |\n|",
    ("table", "text after"): "| Term | Meaning |\n| --- | --- |\n| del | removes |\nThat is all.",
    ("table", "aligned"): "| Term | Meaning |\n|:---|---:|\n| del | removes |\n| NameError | raised |",
}

RECORDS = {
    ("records", "list"): '["A name is removed.", "It is gone."]',
    ("records", "no list"): '{"what": "a name", "how": "removed"}',
    ("records", "two lists"): '{"names": ["a"], "errors": ["NameError"]}',
    ("records", "cut off"): '{"facts": [{"name": "del", "does": "remo',
    ("records", "text before"): 'The facts are: {"facts": []}',
    ("records", "text after"): '["A name is removed.", "It is gone."]\nThat is all.',
    ("records", "nothing in it"): '{"facts": [{"name": "", "does": ""}]}',
    ("records", "empty list"): "[]",
    ("records", "same entry again"): '["A name is removed.", "A name is removed!"]',
    ("records", "placeholder"): '[{"question": "Question 1"}, {"question": "Question 2"}]',
    ("records", "deep"): "[" * 1000 + "1" + "]" * 1000,
}

PROSE = {
    ("summary", "list"): "- It removes a name.\n- It is gone.",
    ("summary", "numbered"): "1. It removes a name.",
    ("summary", "heading"): "# Summary\nIt removes a name.",
    ("summary", "cut in a sentence"): "It removes a name from",
    ("summary", "quoted end"): 'It raises "NameError."',
    ("summary", "year at the start"): "1991 was the year of the statement.",
    ("summary", "too many paragraphs"): "One.\n\nTwo.\n\nThree.\n\nFour.",
    ("summary", "sure"): "Sure! It removes a name.",
    ("summary", "here is"): "Here’s a summary: it removes a name.",
    ("summary", "surely"): "Surely it removes a name.",
    ("summary", "as an ai"): "As an AI, I have no names to remove.",
    ("summary", "sorry"): "I’m sorry, but I cannot do this.",
    ("summary", "chat marker"): "It removes a name.<|im_end|>",
    ("summary", "template marker"): "[INST] It removes a name.",
    ("summary", "windows lines"): "It removes a name.\r\n",
    ("summary", "echo of the instruction"): "This is one short paragraph about names.",
    ("reword", "echo of an example"): "Every file must already exist by then.",
    ("reword", "two paragraphs"): "It removes a name.\n\nIt is gone.",
    ("plain", "code"): "```\ndel x\n```",
}


SUMS = {
    ("math", "steps in words"): (
        "Problem: 12 names are in 3 lists of the same length. How many are in one list with 4 names more?\n"
        "Solution:\nOne list has 12 names / 3 = 4 names.\nTwo of them have 4 + 4 = 8.\nAnswer: 8 names."
    ),
    ("math", "steps that compute"): (
        "Problem: 12 names are in 3 lists of the same length. How many are in one list and 3 names more?\n"
        "Solution:\nOne list has 12 names / 3 = 4 names.\nWith 3 more it is 4 + 3 = 7.\nAnswer: 7 names."
    ),
    ("math", "wrong step"): "Problem: 12 names leave, 3 at a time. How often?\nSolution: 12 / 3 = 5\nAnswer: 5",
    ("math", "right step, other answer"): "Problem: 12 names, 3 lists?\nSolution: 12 / 3 = 4\nAnswer: 5",
    ("math", "number of its own in the problem"): "Problem: 12 names, 7 lists?\nSolution: 12 + 7 = 19\nAnswer: 19",
    ("math", "number of its own in a step"): "Problem: 12 names, 3 lists?\nSolution: 12 * 5 = 60\nAnswer: 60",
    ("math", "no equation"): "Problem: 12 names, 3 lists?\nSolution: Divide them.\nAnswer: 4",
    ("math", "by zero"): "Problem: 12 names?\nSolution: 12 / (12 - 12) = 12\nAnswer: 12",
    ("math", "parts exchanged"): "Problem: 12 names?\nAnswer: 12\nSolution: 12 = 12",
    ("math", "cut off"): "Problem: 12 names in 3 lists, how many in each?\nSolution: 12 / 3",
    ("math", "no problem"): "Solution: 12 / 3 = 4\nAnswer: 4",
    ("math", "empty part"): "Problem: 12 names, 3 lists?\nSolution:\nAnswer: 4",
}

TALKS = {
    ("asked", "cut off"): "What does the statement",
    ("asked", "two questions"): "What is removed? And why?",
    ("asked", "two lines"): "What is removed?\nA name.",
    ("asked", "quoted end"): 'What is the "del" of "a list?"',
    ("dialogue", "cut off"): "Learner: What?\nTeacher: A name.\nLearner: Which?\nTeacher: The last.\nLearner: And th",
    ("dialogue", "begun at the end"): "Learner: What?\nTeacher: A name.\nLearner: Which?\nTeacher: The last.\nLearner:",
    ("dialogue", "long turns"): "Learner: What?\nTeacher: A name.\nAnd more.\nLearner: Which?\nTeacher: The last.",
    ("dialogue", "one speaks twice"): "Learner: What?\nLearner: Which?\nTeacher: The last.",
    ("dialogue", "teacher first"): "Teacher: A name is removed.\nLearner: I see.",
    ("dialogue", "other speakers"): "User: What?\nHelper: A name.",
    ("dialogue", "says nothing"): "Learner: What?\nTeacher:\nLearner: Which?\nTeacher: The last.",
    ("qa_append", "cut off"): "Q: What?\nA: A name.\nQ: And the",
    ("recontextualise", "cut off"): "This tells how names are",
    ("recontextualise", "list"): "1. It is harmless.",
    ("wiki", "cut off"): "The statement removes",
    ("plain", "cut off"): "It takes a name",
    ("reword", "cut off"): "A name leaves",
    ("continue", "cut off"): "Deleting an item",
    ("key_facts", "cut off"): "1. A name is removed.\n2. Names in a",
    ("tutorial", "cut off"): "1. Take a name.\n2. Remove",
}


FOREIGN = {
    "tutorial": "1. Nimm einen Namen.\n2. Entferne ihn.",
    "key_facts": "1. Ein Name wird entfernt.\n2. Er ist fort.",
    "bullets": "- Ein Name wird entfernt.\n- Er ist fort.",
    "records": '["Ein Name wird entfernt.", "Er ist fort."]',
    "faq": "Q: Was geschieht?\nA: Ein Name wird entfernt.\nQ: 何が起きますか？\nA: 名前が消えます。",
    "qa_append": "Q: Was geschieht?\nA: Ein Name wird entfernt.\nQ: 何が起きますか？\nA: 名前が消えます。",
    "dialogue": "Learner: Was geschieht?\nTeacher: Ein Name wird entfernt.\nLearner: Und dann?\nTeacher: Nichts.",
    "math": "Problem: 12 Namen, 3 Listen?\nSolution: 12 / 3 = 4\nAnswer: 4",
    "table": "| Wort | Sinn |\n| --- | --- |\n| del | entfernt |\n| Name | wird entfernt |",
}


def cases() -> dict[tuple[str, str], str]:
    """Every case, by style and name."""
    found = {(style, "well formed"): answer for style, answer in GOOD.items()}
    for style in GOOD:
        found |= {(style, "empty"): "", (style, "blank"): " \n ", (style, "markers only"): "- | 1.\n"}
        found[style, "preamble"] = f"Here is the result:\n\n{GOOD[style]}"
        found[style, "other language"] = FOREIGN.get(style, "Ein Name wird aus seinem Bereich entfernt.")
    return found | LISTS | SUMS | TALKS | PAIRS | RECORDS | PROSE
