//! What builders write around the output of a step: where it begins, whose a line is, how it ended.
//!
//! BuildKit's plain progress, that of Docker 20.10 and what its terminal leaves in a log, the classic builder, buildah
//! and podman, kaniko. Takes one clean line, gives a [`Mark`]. Which step a line without a mark belongs to is for the
//! reader to know.

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark<'l> {
    /// BuildKit's name of a vertex: `#7 [2/3] RUN make`.
    Vertex(u32, &'l str),
    /// A line of a vertex: `#7 0.512 text`.
    Output(u32, &'l str),
    /// How a vertex ended: `#7 DONE 0.3s`.
    Ended(u32, End<'l>),
    /// `Step 3/9 : RUN make`, `STEP 3/9: RUN make`: what is to be done, and its number.
    Step(&'l str, usize),
    /// ` > [2/3] RUN make:`, after which the last lines of the failed step are told once more.
    Recall(&'l str),
    /// The end of what is told once more.
    Rule,
    /// A line of a terminal's progress: how the step stands, and its name.
    Progress(State, &'l str),
    /// ` => => # text`: a line of the step that runs in a terminal.
    Live(&'l str),
    /// A line of the Dockerfile, quoted; whether it is the one that failed.
    Quote(u32, bool),
    /// What the builder says last: the rest without the instruction that it repeats, and the exit status.
    Final(String, Option<usize>),
    /// The image is there.
    Success,
    /// Talk of the builder that says nothing.
    Noise,
    /// Anything else.
    Text(&'l str),
}

/// How a vertex ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End<'l> {
    /// Well.
    Done,
    /// It was stopped because another one failed.
    Canceled,
    /// It failed, with this message.
    Error(&'l str),
}

/// How a step stands in a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It runs, or has ended well.
    Running,
    /// It failed.
    Failed,
}

/// Reads one line.
pub(super) fn mark(line: &str) -> Mark<'_> {
    let text = line.trim_start();
    if let Some(mark) = vertex(line) {
        return mark;
    }
    if let Some(rest) = text.strip_prefix("=> ") {
        return terminal(rest);
    }
    let recalled = text.strip_prefix("> ").filter(|name| name.starts_with('['));
    if let Some(name) = recalled.and_then(|name| name.strip_suffix(':')) {
        return Mark::Recall(name);
    }
    if line.len() >= 4 && line.bytes().all(|byte| byte == b'-') {
        return Mark::Rule;
    }
    if let Some(quote) = quote(line) {
        return quote;
    }
    if let Some((instruction, number)) = step(text) {
        return Mark::Step(instruction, number);
    }
    if let Some((rest, status)) = last_words(line) {
        return Mark::Final(rest, status);
    }
    if is_success(text) {
        return Mark::Success;
    }
    let noise = text.starts_with("---> ")
        || text.starts_with("--> ")
        || text.starts_with("Removing intermediate container")
        || text.starts_with("[+] Building ")
        || text.starts_with("Sending build context")
        // What the shell is about to run, where it was told to say so.
        || is_trace(line);
    if noise { Mark::Noise } else { Mark::Text(line) }
}

/// `#7 …`
fn vertex(line: &str) -> Option<Mark<'_>> {
    let rest = line.strip_prefix('#')?;
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, rest) = rest.split_at_checked(digits)?;
    let number = number.parse().ok()?;
    if rest.is_empty() {
        return Some(Mark::Noise);
    }
    let rest = rest.strip_prefix(' ')?;
    let first = rest.split(' ').next().unwrap_or_default();
    Some(match first {
        "DONE" | "CACHED" => Mark::Ended(number, End::Done),
        "CANCELED" => Mark::Ended(number, End::Canceled),
        "ERROR:" | "ERROR" => Mark::Ended(
            number,
            End::Error(rest.trim_start_matches("ERROR").trim_start_matches(':').trim_start()),
        ),
        "..." => Mark::Noise,
        _ if rest.starts_with('[') && rest.contains("] ") => Mark::Vertex(number, rest),
        _ if is_time(first) => Mark::Output(number, rest.get(first.len() + 1..).unwrap_or_default()),
        _ if first.starts_with("sha256:") => Mark::Noise,
        _ => Mark::Output(number, rest),
    })
}

/// `0.512`, the seconds since a step began.
fn is_time(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once('.').is_some_and(|(seconds, part)| digits(seconds) && digits(part) && part.len() <= 4)
}

/// A line of what is told once more, without the time in front.
pub(super) fn without_time(line: &str) -> &str {
    match line.split_once(' ') {
        Some((time, rest)) if is_time(time) => rest,
        _ => line,
    }
}

/// What stands behind `=> ` in a terminal.
fn terminal(rest: &str) -> Mark<'_> {
    if let Some(live) = rest.strip_prefix("=> # ") {
        return Mark::Live(live);
    }
    let (state, name) = match rest.split_once(' ') {
        Some(("ERROR", name)) => (State::Failed, name),
        Some(("CACHED" | "CANCELED", name)) => (State::Running, name),
        _ => (State::Running, rest),
    };
    let name = name.trim();
    // The seconds that it took stand at the end of the line.
    let name = match name.rsplit_once(' ') {
        Some((before, time)) if time.strip_suffix('s').is_some_and(is_time) => before.trim_end(),
        _ => name,
    };
    if name.starts_with('[') { Mark::Progress(state, name) } else { Mark::Noise }
}

/// `  12 | >>> RUN make`
fn quote(line: &str) -> Option<Mark<'_>> {
    let (number, rest) =
        line.trim_start().split_once(" | ").or_else(|| line.trim_start().split_once(" |"))?;
    let number = number.parse().ok()?;
    Some(Mark::Quote(number, rest.trim_start().starts_with(">>>")))
}

/// `Step 3/9 : RUN make`; `[2/2] STEP 3/9: RUN make`; `INFO[0003] RUN make`.
fn step(text: &str) -> Option<(&str, usize)> {
    if let Some(rest) = text.strip_prefix("INFO[") {
        let (_, rest) = rest.split_once("] ")?;
        let keyword = rest.split(' ').next().unwrap_or_default();
        let known = ["RUN", "COPY", "ADD", "FROM", "WORKDIR", "ENV"].contains(&keyword);
        return known.then_some((rest, 0));
    }
    let text = match text.strip_prefix('[') {
        Some(rest) => rest.split_once("] ").map(|(_, rest)| rest)?,
        None => text,
    };
    let rest = text.strip_prefix("Step ").or_else(|| text.strip_prefix("STEP "))?;
    let (number, rest) = rest.split_once('/')?;
    let number = number.parse().ok()?;
    let (total, instruction) = rest.split_once(':')?;
    total.trim().parse::<usize>().ok()?;
    Some((instruction.trim_start(), number))
}

/// The builder's last words, without the instruction that they repeat.
fn last_words(line: &str) -> Option<(String, Option<usize>)> {
    let repeated = [
        ("process \"", "\" did not complete successfully"),
        ("executor failed running [", "]"),
        ("The command '", "' returned a non-zero code"),
        ("The command [", "] returned a non-zero code"),
        ("uilding at STEP \"", "\""),
    ];
    let mut rest = None;
    for (before, after) in repeated {
        let Some(start) = line.find(before) else { continue };
        let behind = line.get(start + before.len()..).unwrap_or_default();
        let end = match after {
            "]" => behind.rfind("]: "),
            // What comes behind may have quotes of its own.
            "\"" => behind.find("\": "),
            _ => behind.rfind(after),
        };
        let Some(end) = end else { continue };
        let tail = behind.get(end..).unwrap_or_default();
        rest = Some(format!("{}{before}…{tail}", line.get(..start).unwrap_or_default()));
        break;
    }
    // An error of a program in the step may look like one of the builder, so only these two count.
    let said_by_builder = line.contains("failed to solve") || line.starts_with("Error response from daemon");
    if rest.is_none() && !said_by_builder {
        return None;
    }
    let text = rest.unwrap_or_else(|| line.to_owned());
    let status = status(&text);
    Some((text, status))
}

/// The exit status in a builder's last words.
pub(super) fn status(text: &str) -> Option<usize> {
    ["exit code: ", "non-zero code: ", "exit status "].iter().find_map(|words| {
        let (_, behind) = text.rsplit_once(words)?;
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// `+ make`
fn is_trace(line: &str) -> bool {
    let rest = line.trim_start_matches('+');
    rest.len() < line.len() && rest.starts_with(' ')
}

/// `Successfully built 1a2b3c4d5e6f` and the like; pip says the same of wheels.
fn is_success(text: &str) -> bool {
    let is_id = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.strip_prefix("Successfully built ").is_some_and(is_id)
        || text.starts_with("Successfully tagged ")
        || text.starts_with("COMMIT")
        // A failed build finishes too, but it has a step that failed.
        || text.starts_with("[+] Building ") && text.ends_with(" FINISHED")
}
