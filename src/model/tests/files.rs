//! Lists of packages that are copied, mounted or written.

use super::{check_packages, facts};

const LIST: (&str, &str) = ("requirements.txt", "a==1\n");

#[track_caller]
fn found(dockerfile: &str) {
    check_packages(
        dockerfile,
        &[LIST, ("sub/requirements.txt", "s\n")],
        &["pypi:a==1 from requirements.txt"],
    );
}

#[test]
fn paths_lead_back_to_the_context() {
    found("FROM x\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n");
    found("FROM x\nCOPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n");
    found("FROM x\nCOPY requirements.txt /tmp\nRUN pip install -r /tmp/requirements.txt\n");
    found("FROM x\nCOPY requirements.txt /tmp/r.txt\nRUN pip install -r /tmp/r.txt\n");
    found("FROM x\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n");
    found("FROM x\nWORKDIR /app\nCOPY . .\nWORKDIR sub\nRUN cd .. && pip install -r requirements.txt\n");
    found(
        "FROM x\nCOPY --chown=1:1 [\"requirements.txt\", \"other\", \"/d/\"]\nRUN pip install -r /d/requirements.txt\n",
    );
    found("FROM x\nCOPY require*.txt ./\nRUN pip install -r requirements.txt\n");
    found("FROM x\nADD ./requirements.txt /r\nRUN pip install -r /r\n");
    found("FROM x\nRUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt\n");
    found("FROM x\nWORKDIR /w\nRUN --mount=target=. pip install -r requirements.txt\n");
    found(
        "FROM x AS s\nCOPY requirements.txt /r/\nFROM y\nCOPY --from=s /r /q\nRUN pip install -r /q/requirements.txt\n",
    );
    found("FROM x AS s\nCOPY requirements.txt /r/\nFROM s\nRUN pip install -r /r/requirements.txt\n");
}

#[test]
fn the_later_copy_wins() {
    let files = [LIST, ("sub/requirements.txt", "s\n")];
    check_packages(
        "FROM x\nCOPY . /w\nCOPY sub /w\nRUN pip install -r /w/requirements.txt\n",
        &files,
        &["pypi:s from sub/requirements.txt"],
    );
    check_packages("FROM x\nCOPY --from=image . .\nRUN pip install -r requirements.txt\n", &files, &[]);
    check_packages(
        "FROM x\nRUN --mount=target=/m true\nRUN pip install -r /m/requirements.txt\n",
        &files,
        &[],
    );
}

#[test]
fn the_dockerfile_writes_lists_itself() {
    check_packages(
        "FROM x\nCOPY <<EOF /r.txt\na==1\nb\nEOF\nRUN pip install -r /r.txt\n",
        &[],
        &["pypi:a==1 from /r.txt", "pypi:b from /r.txt"],
    );
    check_packages(
        "FROM x\nRUN echo 'a==1' > /r && echo b >> /r && pip install -r /r\n",
        &[],
        &["pypi:a==1 from /r", "pypi:b from /r"],
    );
    check_packages(
        "FROM x\nRUN printf 'a==1\\nb\\n' > /r && pip install -r /r\n",
        &[],
        &["pypi:a==1 from /r", "pypi:b from /r"],
    );
    check_packages(
        "FROM x\nRUN cat <<EOF > /r && pip install -r /r\na==1\nEOF\n",
        &[],
        &["pypi:a==1 from /r"],
    );
    check_packages("FROM x\nRUN other > /r && pip install -r /r\n", &[], &[]);
    let facts = facts("FROM x\nARG V=1\nRUN echo \"a==$V\" > /r && pip install -r /r\n", &[]);
    let edits = facts.packages[0].specifier.as_ref().unwrap().rewrite("==2").unwrap();
    assert_eq!((facts.sources.slice(edits[0].0), edits[0].0.span.start), ("1", 13));
}

#[test]
fn lists_include_lists() {
    check_packages(
        "FROM x\nCOPY . /w\nRUN pip install -r /w/a.txt -c /w/c.txt\n",
        &[
            ("a.txt", "-r sub/b.txt\na\n"),
            ("sub/b.txt", "-r ../a.txt\nb --hash=sha256:00\n"),
            ("c.txt", "a==1\n"),
        ],
        &["pypi:a from a.txt", "pypi:b from sub/b.txt (hashed)", "pypi:a==1 from c.txt (constraint)"],
    );
}

#[test]
fn conda_environments() {
    check_packages(
        "FROM x\nCOPY e.yml .\nRUN conda env create -f e.yml\n",
        &[("e.yml", "name: n\nchannels: [c]\ndependencies:\n  - a=1\n  - pip:\n    - b==2\n")],
        &["conda:a=1 in n from e.yml", "pypi:b==2 in n from e.yml"],
    );
}

#[test]
fn changed_lists_say_nothing_sure() {
    check_packages(
        "FROM x\nCOPY requirements.txt .\nRUN other -i requirements.txt && pip install -r requirements.txt\n",
        &[LIST],
        &["pypi:a==1 from requirements.txt (perhaps)"],
    );
}

#[test]
fn missing_lists_are_known_only_where_they_must_be_there() {
    let exists = |dockerfile: &str| {
        let facts = facts(dockerfile, &[LIST]);
        facts.files.iter().map(|file| (file.path.clone(), file.exists)).collect::<Vec<_>>()
    };
    assert_eq!(
        exists("FROM x\nCOPY . .\nRUN pip install -r gone.txt\n"),
        [("gone.txt".to_owned(), Some(false))]
    );
    assert_eq!(
        exists("FROM x\nCOPY . .\nRUN get http://h/gone.txt && pip install -r gone.txt\n"),
        [("gone.txt".to_owned(), None)]
    );
    assert_eq!(exists("FROM x\nRUN pip install -r gone.txt\n"), []);
    assert_eq!(
        exists("FROM x\nCOPY . .\nRUN pip install -r requirements.txt\n"),
        [("requirements.txt".to_owned(), Some(true))]
    );
}

#[test]
fn projects_say_what_they_need() {
    let pyproject =
        "[project]\nname = 'p'\ndependencies = ['a>=1']\n[project.optional-dependencies]\ngpu = ['g']\n";
    check_packages(
        "FROM x\nWORKDIR /app\nCOPY pyproject.toml setup.py ./\nRUN pip install -e .[gpu]\n",
        &[("pyproject.toml", pyproject), ("setup.py", "import torch\nsetup(install_requires=['s'])\n")],
        &[
            "pypi:[gpu] @ .",
            "pypi:a>=1 from pyproject.toml",
            "pypi:g from pyproject.toml",
            "pypi:s from setup.py",
        ],
    );
}

#[test]
fn a_setup_script_tells_the_names_that_it_uses() {
    let facts = facts(
        "FROM x\nCOPY . /src\nRUN cd /src && python setup.py install\n",
        &[("setup.py", "from tools import Extension\n")],
    );
    let file = &facts.files[0];
    assert_eq!((file.path.as_str(), file.kind, file.command), ("setup.py", "setup", Some(1)));
    assert!(file.identifiers.iter().any(|name| name == "Extension"), "{:?}", file.identifiers);
}
