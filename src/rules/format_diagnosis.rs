//! The tables of the pack language that are about logs: diagnoses, remedies and lookups.

use super::declare::{Shape, TableKeys, optional, required};
use super::diagnosis::{Answer, Pick};
use super::format::{
    ADD_LINE_KEY, CONDITION, INSERT_KEY, ORDERS, REMOVE_KEY, REPLACE_KEY, REQUIRES_KEY, RETAG_KEY, SCOPES,
    UNLESS_KEY,
};
use crate::diagnostic::Safety;

pub(super) const DIAGNOSIS: TableKeys = TableKeys {
    name: "[[diagnosis]]",
    doc: "What lines of a log mean, and which rewrite answers them.",
    pattern: false,
    keys: &[
        required("id", Shape::Text, "Names the cause, in kebab-case; permanent."),
        optional("aliases", Shape::TextList, "Other names."),
        required("summary", Shape::Text, "What went wrong, in one line."),
        optional("cause", Shape::Texts, "The same with captures; of several the first that can be said."),
        optional("advice", Shape::Texts, "What a person can do; of several the first that can be said."),
        optional(
            "phase",
            Shape::Texts,
            "The logs in which it is looked for: `build` (unless given), `run`, `client`.",
        ),
        required("rank", Shape::Number, "0 to 99: of several the highest is the cause."),
        required("kind", Shape::Word(Answer::NAMES), "What answers it."),
        optional(
            "patterns",
            Shape::TextList,
            "Regular expressions over single lines of the failing step; an earlier one beats a later one, of equal ones the last line counts.",
        ),
        optional("also", Shape::Texts, "Each must match some line of the step."),
        optional("without", Shape::Texts, "None may match any line of the step."),
        optional(
            "exit",
            Shape::Either(&Shape::Number, &Shape::Rows),
            "The exit status of the step, or several.",
        ),
        optional("step", Shape::Regex, "The instruction of the step must match."),
        optional("stalls", Shape::Flag, "Whether a step that never ended counts as failing."),
        optional(
            "requires",
            Shape::Tables(&CONDITION),
            "All of these must hold around the failing instruction.",
        ),
        optional("unless", Shape::Tables(&CONDITION), "None of these may hold there, or be in doubt."),
        optional("bind", Shape::Tables(&BIND), "Names for what is worked out from the captures, in order."),
        optional("repair", Shape::Tables(&REPAIR), "What would mend it, best first."),
        optional("example", Shape::Tables(&LOG_EXAMPLE), "Logs that it explains, or must not."),
    ],
};

pub(super) const BIND: TableKeys = TableKeys {
    name: "[[diagnosis.bind]]",
    doc: "Binds a name to what is worked out from a text; where that is not possible, the name stays unbound. The first binding of a name stays.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "The name."),
        required("of", Shape::Template, "The text from which it comes."),
        optional(
            "lookup",
            Shape::Texts,
            "It is the entry for that text in the first of these lookups that has one.",
        ),
        optional("regex", Shape::Regex, "It is what the group of that name matches in the text."),
        optional(
            "nearest",
            Shape::Template,
            "It is the one of these versions that is nearest to the text, a version.",
        ),
        optional(
            "lowest",
            Shape::Template,
            "It is the lowest of these versions that the text, specifiers, admits.",
        ),
        optional(
            "highest",
            Shape::Template,
            "It is the highest of these versions that the text, specifiers, admits.",
        ),
        optional("in-context", Shape::Flag, "It is the text, if the build context has a file of that path."),
    ],
};

pub(super) const REPAIR: TableKeys = TableKeys {
    name: "[[diagnosis.repair]]",
    doc: "Edits that mend the cause together; or a remedy; or the fixes of rules.",
    pattern: false,
    keys: &[
        optional(
            "match",
            Shape::Table(&ABOUT),
            "The fact that is changed; the failing instruction unless given.",
        ),
        optional("title", Shape::Template, "What it does, in the imperative."),
        optional("safety", Shape::Word(Safety::NAMES), "How far it may be trusted."),
        optional("remedy", Shape::Text, "The remedy that is called in place of edits."),
        optional("give", Shape::TextMap, "The texts that the remedy is given."),
        optional(
            "rules",
            Shape::TextList,
            "Rules whose fixes are offered, if they have findings; packs and categories of rules too.",
        ),
        REQUIRES_KEY,
        UNLESS_KEY,
        INSERT_KEY,
        REPLACE_KEY,
        REMOVE_KEY,
        ADD_LINE_KEY,
        RETAG_KEY,
        optional(
            "choose",
            Shape::Either(&Shape::Text, &Shape::TextList),
            "Not for diagnoses: stack rules alone move components.",
        ),
    ],
};

pub(super) const ABOUT: TableKeys = TableKeys {
    name: "[diagnosis.repair.match]",
    doc: "A pattern over exactly one kind of fact, and where it is looked for.",
    pattern: true,
    keys: &[
        optional(
            "in",
            Shape::Word(SCOPES),
            "Where to look, seen from the failing instruction; `instruction` unless given.",
        ),
        optional("order", Shape::Word(ORDERS), "Where it stands relative to the failing instruction."),
        optional(
            "pick",
            Shape::Word(Pick::NAMES),
            "Which one, where several match; `only` unless given: none, where there are several.",
        ),
    ],
};

pub(super) const REMEDY: TableKeys = TableKeys {
    name: "[[remedy]]",
    doc: "Repairs that several diagnoses share; the first that can be made is offered.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "The name by which diagnoses call it."),
        optional("takes", Shape::TextList, "The texts that it must be given: names for its templates."),
        required("repair", Shape::Tables(&REPAIR), "The repairs, best first."),
    ],
};

pub(super) const LOOKUP: TableKeys = TableKeys {
    name: "[[lookup]]",
    doc: "Texts by texts: what `bind` can look up.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "The name by which binds call it."),
        optional("about", Shape::Text, "What it lists."),
        required("entries", Shape::TextMap, "The entries."),
    ],
};

pub(super) const LOG_EXAMPLE: TableKeys = TableKeys {
    name: "[[diagnosis.example]]",
    doc: "A log that the diagnosis explains before all others (`log`), or that it must not be made for (`other`).",
    pattern: false,
    keys: &[
        optional("log", Shape::Text, "A log that it explains."),
        optional("other", Shape::Text, "A log of something else."),
        optional("captures", Shape::TextMap, "What the log binds."),
        optional("dockerfile", Shape::Text, "The Dockerfile."),
        optional("files", Shape::TextMap, "Further files of the build context."),
        optional("fixed", Shape::Text, "The Dockerfile after the first repair; unchanged unless given."),
        optional("fixed-files", Shape::TextMap, "Those files that the repair changes, after it."),
    ],
};
