//! What the tests know of the world.

use crate::knowledge::{
    ImagePattern, Installs, Knowledge, Name, OperandSyntax, Program, Provision, Wrapping,
};
use regex::Regex;

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn program(called: &[&str]) -> Program {
    Program {
        name: called.first().copied().unwrap_or_default().to_owned(),
        called: called.iter().map(|name| Name::Exact((*name).to_owned())).collect(),
        ..Program::default()
    }
}

fn wrapper(called: &[&str], wraps: Wrapping) -> Program {
    Program { wraps: Some(wraps), ..program(called) }
}

fn pip() -> Program {
    Program {
        module: strings(&["pip"]),
        under: strings(&["uv"]),
        subcommands: true,
        valued: strings(&[
            "--requirement",
            "--constraint",
            "--editable",
            "--index-url",
            "--extra-index-url",
            "--find-links",
            "--target",
        ]),
        aliases: [
            ("-r", "--requirement"),
            ("-c", "--constraint"),
            ("-e", "--editable"),
            ("-i", "--index-url"),
            ("-t", "--target"),
        ]
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .into(),
        installs: vec![Installs {
            subcommand: strings(&["install"]),
            ecosystem: "pypi".to_owned(),
            operands: OperandSyntax::Requirement,
            requirement_files: strings(&["--requirement"]),
            constraint_files: strings(&["--constraint"]),
            requirement_options: strings(&["--editable"]),
            index: strings(&["--index-url"]),
            extra_index: strings(&["--extra-index-url"]),
            find_links: strings(&["--find-links"]),
            index_variables: strings(&["PIP_INDEX_URL"]),
            extra_index_variables: strings(&["PIP_EXTRA_INDEX_URL"]),
            environment: strings(&["--target"]),
            ..Installs::default()
        }],
        removes: vec![("uninstall".to_owned(), "pypi".to_owned())],
        ..program(&["pip", "pip3"])
    }
}

fn conda() -> Program {
    Program {
        subcommands: true,
        valued: strings(&["--name", "--file", "--channel"]),
        aliases: [("-n", "--name"), ("-f", "--file"), ("-c", "--channel")]
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .into(),
        wraps: Some(Wrapping::Subcommand("run".to_owned())),
        installs: vec![Installs {
            subcommand: strings(&["install", "create", "env create"]),
            ecosystem: "conda".to_owned(),
            operands: OperandSyntax::CondaSpec,
            requirement_files: strings(&["--file"]),
            extra_index: strings(&["--channel"]),
            environment: strings(&["--name"]),
            ..Installs::default()
        }],
        ..program(&["conda", "mamba"])
    }
}

fn apt() -> Program {
    Program {
        subcommands: true,
        installs: vec![Installs {
            subcommand: strings(&["install"]),
            ecosystem: "apt".to_owned(),
            operands: OperandSyntax::AptSpec,
            ..Installs::default()
        }],
        ..program(&["apt-get"])
    }
}

fn image() -> ImagePattern {
    ImagePattern {
        repository: vec![Name::Exact("python".to_owned())],
        tag: Regex::new(r"^(?<python>\d+\.\d+)(?:-(?<flavour>slim))?$").unwrap().into(),
        write: None,
        provides: vec![Provision {
            variables: [("PYTHON_VERSION".to_owned(), "{python}".to_owned())].into(),
            ..Provision::default()
        }],
        tags: None,
    }
}

pub(super) fn knowledge() -> Knowledge {
    let mut python = wrapper(&["python", "python3"], Wrapping::Module("-m".to_owned()));
    python.valued = strings(&["-c"]);
    let mut shell = wrapper(&["bash", "sh"], Wrapping::Script("-c".to_owned()));
    shell.valued = strings(&["-o"]);
    let programs = vec![
        wrapper(&["sudo"], Wrapping::Command),
        wrapper(&["env"], Wrapping::Command),
        shell,
        python,
        Program { subcommands: true, ..program(&["uv"]) },
        pip(),
        conda(),
        apt(),
    ];
    Knowledge { programs: programs.into(), images: vec![image()], ..Knowledge::default() }
}
