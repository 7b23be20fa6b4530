//! The tables of the pack language, version 1, with every key they take.
//!
//! This is the one place that declares them: the reader checks packs against it, and the JSON Schema is printed
//! from it. The kinds of fact that patterns name are declared in [`crate::model::schema`].

use super::declare::{Key, Shape, TableKeys, optional, required};
use super::format_diagnosis::{ABOUT, BIND, DIAGNOSIS, LOG_EXAMPLE, LOOKUP, REMEDY, REPAIR};
use crate::diagnostic::{Category, Safety, Severity};

/// The words of a condition's `in`.
pub(super) const SCOPES: &[&str] =
    &["subject", "instruction", "command-list", "call", "scope", "own-stage", "stage", "descendants", "file"];
/// The words of a condition's `order`.
pub(super) const ORDERS: &[&str] = &["before", "after", "just-before", "just-after"];
/// The words of an install's `operands`.
pub(super) const OPERANDS: &[&str] =
    &["requirement", "conda-spec", "apt-spec", "apk-spec", "npm-spec", "plain"];

/// A whole pack.
pub(super) const FILE: TableKeys = TableKeys {
    name: "a pack",
    doc: "A pack: rules about one subject, and what dlint must know of the world for them.",
    pattern: false,
    keys: &[
        required("pack", Shape::Table(&PACK), "The pack itself."),
        optional("rule", Shape::Tables(&RULE), "What to look for, what to say and how to mend it."),
        optional("program", Shape::Tables(&PROGRAM), "How a tool's command line is read."),
        optional("image", Shape::Tables(&IMAGE), "What the name and the tag of an image say."),
        optional("component", Shape::Tables(&COMPONENT), "Something of which a stack has a version."),
        optional("table", Shape::Tables(&TABLE), "Which versions go together."),
        optional("diagnosis", Shape::Tables(&DIAGNOSIS), "What lines of a log mean."),
        optional("remedy", Shape::Tables(&REMEDY), "Repairs that several diagnoses share."),
        optional("lookup", Shape::Tables(&LOOKUP), "Texts by texts, for diagnoses."),
        optional("probe", Shape::Tables(&PROBE), "What shows that a package works."),
    ],
};

pub(super) const PACK: TableKeys = TableKeys {
    name: "[pack]",
    doc: "Name and purpose of the pack.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "Its rules are called `name/id`."),
        required("summary", Shape::Text, "What the pack is about, in one line."),
        optional("dlint", Shape::Text, "The versions of dlint that read it: `>=0.1`."),
    ],
};

pub(super) const RULE: TableKeys = TableKeys {
    name: "[[rule]]",
    doc: "One rule: what to look for, what to say, how to mend it, and examples that prove all three.",
    pattern: false,
    keys: &[
        required("id", Shape::Text, "Names the fault, in kebab-case; permanent."),
        optional("aliases", Shape::TextList, "Other names, such as those of other tools."),
        required("severity", Shape::Word(Severity::NAMES), "How bad it is."),
        required("category", Shape::Word(Category::NAMES), "What kind of trouble it is."),
        optional("default", Shape::Flag, "`false`: only when selected."),
        required("summary", Shape::Text, "What is wrong, in one line."),
        optional("message", Shape::Template, "What is said about one finding; the summary unless given."),
        required("why", Shape::Text, "What fails and when, for `dlint explain`."),
        optional("see", Shape::TextList, "Pages to read."),
        optional("at", Shape::Text, "The field or anchor at which the finding is shown."),
        optional("parameters", Shape::TableMap(&PARAMETER), "What is left to the user, by name."),
        required("match", Shape::Table(&MATCH), "What to look for."),
        optional("fix", Shape::Tables(&FIX), "How to mend it, best first."),
        optional("hadolint", Shape::Table(&HADOLINT), "What differs under `--hadolint`."),
        optional("example", Shape::Tables(&EXAMPLE), "Files that the rule reports, or must not."),
    ],
};

pub(super) const PARAMETER: TableKeys = TableKeys {
    name: "a parameter",
    doc: "What a rule leaves to the user. Patterns read it by `among`, `min` and `max`, texts as `{parameter.name}`.",
    pattern: false,
    keys: &[
        required("doc", Shape::Text, "What it says, in one line."),
        optional(
            "default",
            Shape::Either(&Shape::Number, &Shape::Texts),
            "Its value unless the user gives one; without it, the rule is silent until then.",
        ),
    ],
};

pub(super) const HADOLINT: TableKeys = TableKeys {
    name: "[rule.hadolint]",
    doc: "What differs under `--hadolint`, where the rule gives hadolint's own verdict.",
    pattern: false,
    keys: &[
        optional("severity", Shape::Word(Severity::NAMES), "How bad it is there."),
        optional(
            "default",
            Shape::Flag,
            "Whether it speaks there without being selected; `true` unless given.",
        ),
        optional("at", Shape::Text, "The field or anchor at which the finding is shown there."),
        optional("match", Shape::Table(&MATCH), "What to look for there, in place of `rule.match`."),
    ],
};

pub(super) const MATCH: TableKeys = TableKeys {
    name: "[rule.match]",
    doc: "A pattern over exactly one kind of fact, and what else must hold.",
    pattern: true,
    keys: &[
        optional("stack", Shape::Table(&STACK), "A conflict between versions, in place of a pattern."),
        optional("requires", Shape::Tables(&CONDITION), "All of these must hold."),
        optional("unless", Shape::Tables(&CONDITION), "None of these may hold, or be in doubt."),
    ],
};

pub(super) const STACK: TableKeys = TableKeys {
    name: "stack",
    doc: "A conflict between the versions of a stack.",
    pattern: false,
    keys: &[
        optional("table", Shape::Texts, "The tables that are contradicted."),
        optional("group", Shape::Texts, "Groups of tables."),
        optional("columns", Shape::Texts, "Only these columns of the tables."),
        optional("pins", Shape::Texts, "Only where a pin on one of these components takes part."),
        optional("missing", Shape::Flag, "A pin that no release satisfies, in place of a contradiction."),
    ],
};

pub(super) const CONDITION: TableKeys = TableKeys {
    name: "a condition",
    doc: "A pattern over exactly one kind of fact, and where it is looked for.",
    pattern: true,
    keys: &[
        optional("in", Shape::Word(SCOPES), "Where to look; `scope` unless given."),
        optional("order", Shape::Word(ORDERS), "Where it stands relative to the subject."),
        optional("count", Shape::Range, "How many there are; at least one unless given."),
    ],
};

/// An end of a range.
pub(super) const BOUND: Shape = Shape::Either(&Shape::Number, &Shape::Text);

pub(super) const RANGE: TableKeys = TableKeys {
    name: "a range",
    doc: "A range of whole numbers, both ends included.",
    pattern: false,
    keys: &[
        optional("min", BOUND, "The least, or the parameter that says it; 0 unless given."),
        optional("max", BOUND, "The most, or the parameter that says it; no limit unless given."),
    ],
};

pub(super) const ENTRY: TableKeys = TableKeys {
    name: "an entry",
    doc: "An option or an entry of a map, by name and value.",
    pattern: false,
    keys: &[
        required("name", Shape::TextTest, "What its name must be."),
        optional("value", Shape::TextTest, "What its value must be."),
    ],
};

// What fixes and repairs have in common.
pub(super) const REQUIRES_KEY: Key =
    optional("requires", Shape::Tables(&CONDITION), "Offered only where all of these hold.");
pub(super) const UNLESS_KEY: Key =
    optional("unless", Shape::Tables(&CONDITION), "Offered only where none of these holds.");
pub(super) const INSERT_KEY: Key = optional("insert", Shape::OneOrMore(&INSERT), "Adds text.");
pub(super) const REPLACE_KEY: Key = optional("replace", Shape::OneOrMore(&REPLACE), "Changes text.");
pub(super) const REMOVE_KEY: Key =
    optional("remove", Shape::Either(&Shape::Text, &Shape::OneOrMore(&REMOVE)), "Takes text away.");
pub(super) const ADD_LINE_KEY: Key =
    optional("add-line", Shape::OneOrMore(&ADD_LINE), "Adds a line to a file that the image installs.");
pub(super) const RETAG_KEY: Key = optional(
    "retag",
    Shape::Either(&Shape::Text, &Shape::TextMap),
    "Takes the `nearest` tag that exists, the one that looks `similar`, or the nearest with these parts.",
);

pub(super) const FIX: TableKeys = TableKeys {
    name: "[[rule.fix]]",
    doc: "Edits that mend the finding together.",
    pattern: false,
    keys: &[
        required("title", Shape::Template, "What it does, in the imperative."),
        required("safety", Shape::Word(Safety::NAMES), "How far it may be trusted."),
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
            "Stack rules: the components that may move; `any` for whatever is cheapest.",
        ),
    ],
};

pub(super) const INSERT: TableKeys = TableKeys {
    name: "insert",
    doc: "Adds text next to an anchor.",
    pattern: false,
    keys: &[
        optional("after", Shape::Text, "The anchor or field behind which it goes."),
        optional("before", Shape::Text, "The anchor or field before which it goes."),
        required("text", Shape::Template, "The text."),
    ],
};

pub(super) const REPLACE: TableKeys = TableKeys {
    name: "replace",
    doc: "Changes a text where it was written, be it in the default of an `ARG`.",
    pattern: false,
    keys: &[
        optional("field", Shape::Text, "The field of the subject, or the capture, that is changed."),
        optional("anchor", Shape::Text, "The anchor whose text is replaced."),
        optional("flag", Shape::Text, "The option that is replaced, with its value."),
        required("with", Shape::Template, "The new text."),
    ],
};

pub(super) const REMOVE: TableKeys = TableKeys {
    name: "remove",
    doc: "Takes text away, with the blank before it.",
    pattern: false,
    keys: &[
        optional("flag", Shape::Text, "The option that goes, with its value."),
        optional("field", Shape::Text, "The field that goes."),
        optional("anchor", Shape::Text, "The anchor whose text goes."),
    ],
};

pub(super) const ADD_LINE: TableKeys = TableKeys {
    name: "add-line",
    doc: "Adds a line to the file from which the package is installed.",
    pattern: false,
    keys: &[
        required("file", Shape::Word(&["requirements"]), "Which file."),
        required("text", Shape::Template, "The line, without its ending."),
        optional("where", Shape::Word(&["start", "end", "before", "after"]), "Where; `end` unless given."),
    ],
};

pub(super) const EXAMPLE: TableKeys = TableKeys {
    name: "[[rule.example]]",
    doc: "A Dockerfile that the rule reports (`bad`) or must not report (`good`).",
    pattern: false,
    keys: &[
        optional("bad", Shape::Text, "A Dockerfile with the fault."),
        optional("good", Shape::Text, "A Dockerfile without it."),
        optional(
            "at",
            Shape::TextList,
            "Where the findings stand: `2:5`, in another file `requirements.txt:1:1`.",
        ),
        optional("fixed", Shape::Text, "The Dockerfile after the fix."),
        optional("unsafe", Shape::Flag, "Whether `fixed` takes unsafe fixes."),
        optional("files", Shape::TextMap, "Further files of the build context."),
        optional("fixed-files", Shape::TextMap, "Those that the fix changes, after it."),
        optional(
            "args",
            Shape::TextList,
            "Options of the command line: `[\"--gpu\", \"H100\"]`, `[\"--hadolint\"]`.",
        ),
    ],
};

pub(super) const PROGRAM: TableKeys = TableKeys {
    name: "[[program]]",
    doc: "How a tool's command line is read.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "The name that rules use, however the tool was called."),
        optional("called", Shape::Names, "Base names under which it is called; the name unless given."),
        optional("module", Shape::TextList, "Modules under which an interpreter runs it."),
        optional("under", Shape::TextList, "Programs of which it is a subcommand."),
        optional("subcommands", Shape::Flag, "Whether the first operand is a subcommand."),
        optional("valued", Shape::TextList, "Options that take a value, by every spelling."),
        optional("aliases", Shape::TextMap, "Spelling to canonical name of an option."),
        optional(
            "wraps",
            Shape::Either(&Shape::Text, &Shape::Table(&WRAPS)),
            "What follows is a command itself.",
        ),
        optional("installs", Shape::Tables(&INSTALLS), "Which of its calls install packages."),
        optional("removes", Shape::Tables(&REMOVES), "Which of its calls remove packages."),
    ],
};

pub(super) const WRAPS: TableKeys = TableKeys {
    name: "wraps",
    doc: "How the program runs another one; the word `command` alone means: after its own options.",
    pattern: false,
    keys: &[
        optional("subcommand", Shape::Text, "Only after this subcommand: `conda run`."),
        optional("skip", Shape::Number, "After its options and so many operands: `timeout 60`."),
        optional("script", Shape::Text, "The word after this option is a script: `bash -c`."),
        optional("module", Shape::Text, "The word after this option names a module: `python -m`."),
    ],
};

pub(super) const INSTALLS: TableKeys = TableKeys {
    name: "[[program.installs]]",
    doc: "Calls that install packages.",
    pattern: false,
    keys: &[
        optional("subcommand", Shape::TextList, "The subcommands; two words for `env create`."),
        required("ecosystem", Shape::Text, "Which world of names: `pypi`, `conda`, `apt` …"),
        required("operands", Shape::Word(OPERANDS), "How the operands are read."),
        optional("requirement-files", Shape::TextList, "Options with a file of packages."),
        optional("constraint-files", Shape::TextList, "Options with a file that narrows versions."),
        optional("requirement-options", Shape::TextList, "Options whose value is a package."),
        optional("index", Shape::TextList, "Options that replace the package index."),
        optional("extra-index", Shape::TextList, "Options that add a package index."),
        optional("find-links", Shape::TextList, "Options that add a page of package files."),
        optional("index-variables", Shape::TextList, "Variables that replace the package index."),
        optional("extra-index-variables", Shape::TextList, "Variables that add a package index."),
        optional("find-links-variables", Shape::TextList, "Variables that add a page of package files."),
        optional("environment", Shape::TextList, "Options that name the environment."),
        optional("without-dependencies", Shape::TextList, "Options that leave dependencies out."),
    ],
};

pub(super) const REMOVES: TableKeys = TableKeys {
    name: "[[program.removes]]",
    doc: "Calls that remove packages.",
    pattern: false,
    keys: &[
        required("subcommand", Shape::Texts, "The subcommands."),
        required("ecosystem", Shape::Text, "Which world of names."),
    ],
};

pub(super) const IMAGE: TableKeys = TableKeys {
    name: "[[image]]",
    doc: "A family of images: what its tags say, and which exist.",
    pattern: false,
    keys: &[
        required(
            "repository",
            Shape::Names,
            "Repositories as written in FROM, without `docker.io/library/`.",
        ),
        optional("tag", Shape::Regex, "The grammar of a tag; its named groups are the parts."),
        optional("write", Shape::Text, "How a tag is spelt from its parts: `{cuda}[-{cudnn}]-{os}`."),
        optional("provides", Shape::Tables(&PROVIDES), "What a stage built on it has; all that apply count."),
        optional("tags", Shape::Table(&TAGS), "Which tags exist."),
    ],
};

pub(super) const PROVIDES: TableKeys = TableKeys {
    name: "[[image.provides]]",
    doc: "What an image brings when its parts are these.",
    pattern: false,
    keys: &[
        optional("when", Shape::TextsMap, "Parts and the values of which they must have one."),
        optional("components", Shape::TextMap, "Component to versions, over the parts: `=={cuda}`."),
        optional("variables", Shape::TextMap, "Variables that the image sets."),
        optional("parts", Shape::TextMap, "Further parts that follow from the written ones."),
    ],
};

pub(super) const TAGS: TableKeys = TableKeys {
    name: "[image.tags]",
    doc: "The tags that exist.",
    pattern: false,
    keys: &[
        optional("complete", Shape::Flag, "A tag of the grammar that no row admits does not exist."),
        optional("shape", Shape::Regex, "Tags outside the grammar that match this do not exist either."),
        optional("rows", Shape::Rows, "Each row, a table of parts, admits the product of its values."),
        required("source", Shape::Text, "Where this was read."),
        required("read", Shape::Date, "On which day."),
    ],
};

pub(super) const COMPONENT: TableKeys = TableKeys {
    name: "[[component]]",
    doc: "Something of which a stack has a version.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "The name that tables and rules use."),
        optional("title", Shape::Text, "The name that people read."),
        optional("cost", Shape::Number, "How dear it is to change; 10 unless given."),
        optional("domain", Shape::TextList, "The versions that exist where no table lists them."),
        optional("words", Shape::TextMap, "Words that stand for versions: `cpu = \"0\"`."),
        optional("series", Shape::Flag, "A version stands for its whole series: `3.12` for every 3.12.x."),
        optional("interpreter", Shape::Flag, "Markers of requirements ask for its version."),
        optional("shared", Shape::Flag, "It holds for every environment of the image."),
        optional(
            "follows",
            Shape::Text,
            "The component whose version it takes, if it can, when its image changes.",
        ),
        optional("from", Shape::Tables(&FROM), "Facts that say which version a stack has."),
    ],
};

pub(super) const FROM: TableKeys = TableKeys {
    name: "a component's `from`",
    doc: "A pattern over one kind of fact, and the versions that it stands for.",
    pattern: true,
    keys: &[
        optional("requires", Shape::Tables(&CONDITION), "All of these must hold."),
        optional("unless", Shape::Tables(&CONDITION), "None of these may hold, or be in doubt."),
        optional(
            "value",
            Shape::Texts,
            "The versions, a template; several are alternatives, an empty one means: no longer known. Those of \
             the package unless given.",
        ),
    ],
};

pub(super) const TABLE: TableKeys = TableKeys {
    name: "[[table]]",
    doc: "A relation: with the key's version in a row, its cells say what else must hold.",
    pattern: false,
    keys: &[
        required("name", Shape::Text, "The name by which rules address it."),
        optional("title", Shape::Text, "What it lists."),
        required("source", Shape::Text, "Where the rows were read."),
        required("read", Shape::Date, "On which day."),
        required("key", Shape::Texts, "The components whose versions select a row."),
        required("columns", Shape::TextList, "The components that a row constrains."),
        optional("covers", Shape::Text, "The releases that the table knows completely."),
        optional("withdrawn", Shape::TextList, "Releases that were withdrawn: no repair takes one."),
        optional("group", Shape::Text, "A name for several tables at once."),
        optional("when", Shape::TextList, "Counts only where the stack has these components."),
        optional("unless", Shape::TextList, "Counts only where nothing else says a version of these."),
        optional("soft", Shape::Flag, "No part of the join: only rules that name it see it."),
        required("rows", Shape::Rows, "Key versions, then one cell for each column."),
    ],
};

pub(super) const PROBE: TableKeys = TableKeys {
    name: "[[probe]]",
    doc: "What shows that a package works in an image that was built.",
    pattern: false,
    keys: &[
        required("packages", Shape::Texts, "The packages, or components, that bring the module."),
        required("module", Shape::Text, "The Python module to import."),
        optional("exercise", Shape::Text, "Python statements that must not fail once it is imported."),
        optional("cuda", Shape::Text, "A Python expression: whether a GPU can be used."),
        optional("cuda-build", Shape::Text, "A Python expression: for which CUDA it was built."),
        optional(
            "gpu-exercise",
            Shape::Text,
            "Python statements that must not fail where a GPU can be used.",
        ),
    ],
};

/// Every declaration, for the JSON Schema and the tests.
pub(super) const ALL: &[&TableKeys] = &[
    &FILE,
    &PACK,
    &RULE,
    &PARAMETER,
    &HADOLINT,
    &MATCH,
    &STACK,
    &CONDITION,
    &RANGE,
    &ENTRY,
    &FIX,
    &INSERT,
    &REPLACE,
    &REMOVE,
    &ADD_LINE,
    &EXAMPLE,
    &PROGRAM,
    &WRAPS,
    &INSTALLS,
    &REMOVES,
    &IMAGE,
    &PROVIDES,
    &TAGS,
    &COMPONENT,
    &FROM,
    &TABLE,
    &DIAGNOSIS,
    &BIND,
    &REPAIR,
    &ABOUT,
    &REMEDY,
    &LOOKUP,
    &LOG_EXAMPLE,
    &PROBE,
];
