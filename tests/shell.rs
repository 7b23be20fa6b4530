//! The shell parser, from its outside: what a script is read as, and that nothing can break it.

use dlint::source::{Mapped, Span};
use dlint::syntax::shell::{Command, Script, parse};

fn script(text: &str) -> Script {
    parse(&Mapped::verbatim(text, 0))
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or("?")
}

/// The simple commands as they are written, assignments before words, in the order of the visitor.
fn commands(text: &str) -> Vec<String> {
    script(text)
        .commands()
        .map(|found| {
            let assignments = found.command.assignments.iter().map(|assignment| assignment.span);
            let words = found.command.words.iter().map(|word| word.span);
            let written: Vec<&str> = assignments.chain(words).map(|span| slice(text, span)).collect();
            written.join(" ")
        })
        .collect()
}

/// The top commands that were not understood.
fn opaque(text: &str) -> Vec<String> {
    script(text)
        .items
        .iter()
        .flat_map(|item| &item.pipeline.commands)
        .filter_map(|command| match command {
            Command::Opaque(span) => Some(slice(text, *span).to_owned()),
            _ => None,
        })
        .collect()
}

/// Everything is understood, and these are the commands.
fn check(text: &str, expected: &[&str]) {
    check_opaque(text, expected, &[]);
}

fn check_opaque(text: &str, expected: &[&str], not_understood: &[&str]) {
    assert_eq!(commands(text), expected, "in {text:?}");
    assert_eq!(opaque(text), not_understood, "in {text:?}");
}

#[test]
fn lists_and_pipelines() {
    check("a && b || c; d & e\nf |& g | h", &["a", "b", "c", "d", "e", "f", "g", "h"]);
    check("! a 1; time -p b; time", &["a 1", "b"]);
    check("a # && b\nc #d", &["a", "c"]);
    check("a&&\\\nb;", &["a", "b"]);
    check("", &[]);
    check(" # nothing\n", &[]);
}

#[test]
fn simple_commands() {
    check("A=1 B+=2 c[1]=3 make -j8", &["A=1 B+=2 c[1]=3 make -j8"]);
    check("a=(1 $(b)) c=", &["a=(1 $(b)) c=", "b"]);
    check("declare -A m=([x]=1 [y]=2)", &["declare -A m=([x]=1 [y]=2)"]);
    check("2>&1 >x a b <y 3<&- &>>z c {fd}<q <<<d e", &["a b c e"]);
    check("a'b c'\"d $(e f)\"$'g\\'h'i\\ j*.[ch]", &["a'b c'\"d $(e f)\"$'g\\'h'i\\ j*.[ch]", "e f"]);
    check("echo a#b {x,y} $ $'' \"$\"", &["echo a#b {x,y} $ $'' \"$\""]);
}

#[test]
fn constructs() {
    check("if a; then b; elif c; then d; else e; fi >f && g", &["a", "b", "c", "d", "e", "g"]);
    check("for x in 1 2; do a; done; for y\ndo b; done; for ((i=0;i<9;i++)) { c; }", &["a", "b", "c"]);
    check("while a; do b; done; until c; do d; done; select x in y; do e; done", &["a", "b", "c", "d", "e"]);
    check("case $x in (a|b*) c;; d) ;; *) e ;& f) g; esac; h", &["c", "e", "g", "h"]);
    check("f() { a; }; function g { b; }; function h() (c)\nf", &["a", "b", "c", "f"]);
    check("(a; b) | { c; } && ((d)||e); ((i++))", &["a", "b", "c", "d", "e"]);
    check("[[ -n $x && ( $y =~ ^(a|b)$ || $(c) == d* ) ]] && e", &["c", "e"]);
    check("coproc a b; coproc n { c; }", &["a b", "c"]);
    check("if (a) then { b; } fi", &["a", "b"]);
}

#[test]
fn expansions() {
    let text = "a $(b `c \\`d\\`` <(e)) ${x:-$(f)} $((1 + $(g)))";
    check(text, &[text, "b `c \\`d\\`` <(e)", "c `d\\`", "d", "e", "f", "g"]);
    for text in [
        "a ${#x} ${!x} ${x[@]} ${x/a/b} ${x//\\//-} ${x%.*} ${x^^} ${x:1:2} ${x@Q} $1 $? $@",
        "a \"${x:-it's} ${y:+\"z\"}\" $((1<<2)) $((( 1 )))",
    ] {
        check(text, &[text]);
    }
    check("a $((b); c)", &["a $((b); c)", "b", "c"]);
}

#[test]
fn here_documents() {
    check("cat <<A >x && b\n$(c) it's\nA\nd", &["cat", "c", "b", "d"]);
    check("cat <<'A'\n$(c)\nA\nd", &["cat", "d"]);
    check("if a; then cat <<-A; fi\n\tb\n\tA\nc", &["a", "cat", "c"]);
    check("a $(cat <<A\nx)\nA\n) b", &["a $(cat <<A\nx)\nA\n) b", "cat"]);
}

#[test]
fn what_is_not_understood_is_opaque() {
    check_opaque("a && b (c) | d; e", &["a", "d", "e"], &["b (c)"]);
    check_opaque("a && b $(c", &["a"], &["b $(c"]);
    check_opaque("a; if b; then c", &["a"], &["if b; then c"]);
    check_opaque("a )", &[], &["a )"]);
    check_opaque("a | 'b", &[], &["a | 'b"]);
    check_opaque("for x in; a; b", &[], &["for x in; a; b"]);
}

#[test]
fn depth_is_bounded() {
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}a{}", open.repeat(depth), close.repeat(depth));
    for (open, close) in [("(", ")"), ("$(", ")"), ("{ ", ";}"), ("if a; then ", "; fi"), ("\"$(", ")\"")] {
        assert_eq!(opaque(&nested(open, close, 16)), Vec::<String>::new(), "in {open:?}");
        assert_eq!(opaque(&nested(open, close, 4000)).len(), 1, "in {open:?}");
        // Half of it open: here a parser that goes back takes for ever.
        assert_eq!(opaque(&open.repeat(4000)).len(), 1, "in {open:?}");
    }
    for open in [
        "a=$(",
        "x$(",
        "${x:-",
        "a[$(",
        "a<(",
        "b=2>(",
        "2>$(",
        "$\"$(",
        "[[ = $(",
        "coproc x { $(",
        "case x in a) $(",
        "`",
    ] {
        assert_eq!(opaque(&open.repeat(2001)).len(), 1, "in {open:?}");
    }
}

#[test]
fn length_is_not() {
    assert_eq!(commands(&vec!["a"; 5000].join("&&")).len(), 5000);
    let long = "x".repeat(1 << 20);
    assert_eq!(commands(&long), [long.as_str()]);
    assert_eq!(commands(&format!("\"{long}\" '{long}'")).len(), 1);
}
