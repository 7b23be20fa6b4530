//! Packages that commands name, and where they go.

use super::{check_packages, facts, texts};

#[test]
fn operands_are_read_by_their_ecosystem() {
    check_packages("FROM x\nRUN pip install 'A_b[x]>=1' c==2\n", &[], &["pypi:a-b[x]>=1", "pypi:c==2"]);
    check_packages("FROM x\nRUN apt-get install -y a b=1.2-3\n", &[], &["apt:a", "apt:b=1.2-3"]);
    check_packages("FROM x\nRUN conda install -c y 'a>=1' b=2=py3\n", &[], &["conda:a>=1", "conda:b=2"]);
    check_packages("FROM x\nARG V\nARG P\nRUN pip install a==$V $P b\n", &[], &["pypi:a<==$V>", "pypi:b"]);
    check_packages("FROM x\nRUN pip install \"a; python_version<'3'\"\n", &[], &["pypi:a (perhaps)"]);
    check_packages("FROM x\nRUN pip install \"a; sys_platform=='win32'\"\n", &[], &["pypi:a (inapplicable)"]);
    check_packages(
        "FROM x\nRUN pip install git+https://h/r.git#egg=a\n",
        &[],
        &["pypi:a @ git+https://h/r.git#egg=a"],
    );
}

#[test]
fn a_pin_is_rewritten_where_it_stands() {
    let facts = facts("ARG V=2.1.0\nFROM x\nARG V\nRUN pip install a==${V}+cu121\n", &[]);
    let package = &facts.packages[0];
    assert_eq!(
        (package.local.as_deref(), package.versions.to_string().as_str()),
        (Some("cu121"), "==2.1.0+cu121")
    );
    let edits = package.specifier.as_ref().unwrap().rewrite("==2.2.0+cu121").unwrap();
    assert_eq!((facts.sources.slice(edits[0].0), edits.len()), ("2.1.0", 1));
}

#[test]
fn an_insertion_goes_behind_the_name() {
    let facts = facts("FROM x\nRUN pip install 'a[b]' c\n", &[]);
    let ends: Vec<_> = facts.packages.iter().map(|it| it.specifier.as_ref().unwrap().written.span).collect();
    let dockerfile = "FROM x\nRUN pip install 'a[b]";
    assert_eq!(ends[0].start as usize, dockerfile.len());
    assert_eq!((ends[0].len(), ends[1].start as usize), (0, dockerfile.len() + 3));
}

#[test]
fn indexes_in_force() {
    let shown = |dockerfile: &str| {
        let facts = facts(dockerfile, &[("r.txt", "--extra-index-url https://r\na\n")]);
        let package = facts.packages.last().unwrap();
        (texts(&package.indexes), package.index_replaced)
    };
    let expect = |indexes: &str, replaced| (indexes.to_owned(), replaced);
    assert_eq!(shown("FROM x\nRUN pip install a\n"), expect("", false));
    assert_eq!(shown("FROM x\nRUN pip install -i https://i a\n"), expect("https://i", true));
    assert_eq!(
        shown("FROM x\nENV PIP_EXTRA_INDEX_URL='https://e https://f'\nRUN pip install a\n"),
        expect("https://e https://f", false)
    );
    assert_eq!(
        shown("FROM x\nENV PIP_INDEX_URL=https://e\nRUN PIP_INDEX_URL=https://o pip install a\n"),
        expect("https://o", true)
    );
    assert_eq!(shown("FROM x\nCOPY r.txt .\nRUN pip install -r r.txt\n"), expect("https://r", false));
    assert_eq!(shown("FROM x\nRUN conda install -c y z::a\n"), expect("z y", false));
}

#[test]
fn environments() {
    check_packages("FROM x\nRUN /opt/v/bin/pip install a\n", &[], &["pypi:a in /opt/v"]);
    check_packages("FROM x\nRUN /usr/bin/pip install a\n", &[], &["pypi:a"]);
    check_packages(
        "FROM x\nENV PATH=/opt/v/bin:$PATH\nRUN mkdir /opt/v\nRUN pip install a\n",
        &[],
        &["pypi:a"],
    );
    check_packages("FROM x\nENV VIRTUAL_ENV=/opt/v\nRUN apt-get install a\n", &[], &["apt:a"]);
    check_packages(
        "FROM x\nCOPY --from=y /opt/v /opt/v\nENV PATH=/opt/v/bin:$PATH\nRUN pip install a\n",
        &[],
        &["pypi:a in /opt/v"],
    );
    check_packages(
        "FROM x\nRUN python -m venv /opt/v\nENV PATH=/opt/v/bin:$PATH\nRUN pip install a\nRUN /opt/v/bin/python -m pip install b\n",
        &[],
        &["pypi:a in /opt/v", "pypi:b in /opt/v"],
    );
    check_packages(
        "FROM x\nRUN . /opt/v/bin/activate && pip install a\nRUN pip install b\n",
        &[],
        &["pypi:a in /opt/v", "pypi:b"],
    );
    check_packages("FROM x\nENV VIRTUAL_ENV=/opt/v\nRUN pip install a\n", &[], &["pypi:a in /opt/v"]);
    check_packages(
        "FROM x\nRUN conda install -n e a && conda run -n e pip install b\n",
        &[],
        &["conda:a in e", "pypi:b in e"],
    );
    check_packages(
        "FROM x\nRUN conda create -n e a\nENV PATH=/c/envs/e/bin:$PATH\nRUN pip install b && /c/envs/e/bin/pip install c\n",
        &[],
        &["conda:a in e", "pypi:b in e", "pypi:c in e"],
    );
    check_packages(
        "FROM x\nRUN source activate e && pip install a\nRUN conda activate e && pip install b\nRUN pip install c\n",
        &[],
        &["pypi:a in e", "pypi:b in e", "pypi:c"],
    );
    check_packages("FROM x\nRUN pip install -t /opt/lib a\n", &[], &["pypi:a in /opt/lib"]);
    check_packages(
        "FROM x\nSHELL [\"conda\", \"run\", \"-n\", \"e\", \"bash\", \"-c\"]\nRUN pip install a\n",
        &[],
        &["pypi:a in e"],
    );
}

#[test]
fn removed_later() {
    check_packages(
        "FROM x AS s\nRUN pip install a b\nFROM s\nRUN pip uninstall -y A && pip install a==2\n",
        &[],
        &["pypi:a (removed)", "pypi:b", "pypi:a==2"],
    );
    check_packages("FROM x\nRUN pip install a\nFROM y\nRUN pip uninstall a\n", &[], &["pypi:a"]);
}
