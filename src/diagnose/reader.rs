//! A log to what its failing step said.
//!
//! Takes line after line, sorts them by the step that they belong to (BuildKit runs several at once), and tries the
//! diagnoses on each. Of a step, only the lines that expressions matched are kept, so memory does not grow with the
//! log. What failed, if anything did, is told by [`failure`](super::failure).

use std::collections::BTreeMap;

use super::failure::{Step, StepState};
use super::marks::{End, Mark, State, mark, status, without_time};
use super::matcher::{Hits, Matcher};

/// A log with more steps than this is one of many builds; the later steps are not told apart.
const MOST_STEPS: usize = 4_000;

/// Which builder wrote the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Builder {
    /// None has been seen: the whole log is one step.
    #[default]
    None,
    /// BuildKit, whose lines name their vertex.
    BuildKit,
    /// One that takes step after step.
    Serial,
}

/// Reads a log.
#[derive(Debug)]
pub(super) struct Reader<'m> {
    matcher: &'m Matcher<'m>,
    pub(super) builder: Builder,
    pub(super) steps: Vec<Step>,
    /// BuildKit's number of a vertex to its step.
    by_vertex: BTreeMap<u32, usize>,
    by_name: BTreeMap<String, usize>,
    /// The step to which a line without a mark belongs.
    current: Option<usize>,
    /// The step whose last lines are being told once more.
    recalled: Option<usize>,
    /// What stands outside of steps.
    pub(super) outside: Hits,
    /// What the builder says last.
    pub(super) last: Hits,
    pub(super) failed: bool,
    pub(super) success: bool,
    pub(super) status: Option<usize>,
    pub(super) line: usize,
    pub(super) dockerfile_line: Option<u32>,
}

impl<'m> Reader<'m> {
    /// A reader that has read nothing.
    pub(super) fn new(matcher: &'m Matcher<'m>) -> Self {
        Self {
            matcher,
            builder: Builder::None,
            steps: Vec::new(),
            by_vertex: BTreeMap::new(),
            by_name: BTreeMap::new(),
            current: None,
            recalled: None,
            outside: Hits::default(),
            last: Hits::default(),
            failed: false,
            success: false,
            status: None,
            line: 0,
            dockerfile_line: None,
        }
    }

    /// Reads one clean line.
    pub(super) fn read(&mut self, number: usize, line: &str) {
        match mark(line) {
            Mark::Vertex(vertex, name) if self.builder != Builder::Serial => self.vertex(vertex, name),
            Mark::Output(vertex, text) if self.builder != Builder::Serial => {
                self.output(vertex, number, text);
            }
            Mark::Ended(vertex, end) if self.builder != Builder::Serial => self.ended(vertex, number, end),
            Mark::Step(instruction, place) => self.step(instruction, place, number),
            Mark::Recall(name) => self.recall(name, number),
            Mark::Rule => self.recalled = None,
            Mark::Progress(state, name) => self.progress(state, name, number),
            Mark::Live(text) => {
                if let Some(step) = self.current.filter(|_| self.builder == Builder::BuildKit) {
                    self.try_line(step, number, text);
                }
            }
            Mark::Quote(at, failing) => {
                if failing && self.dockerfile_line.is_none() {
                    self.dockerfile_line = Some(at);
                }
            }
            Mark::Final(text, status) => self.last_words(&text, status, number),
            Mark::Success => self.success = true,
            Mark::Noise => {}
            Mark::Text(text) => self.text(text, number),
            Mark::Vertex(..) | Mark::Output(..) | Mark::Ended(..) => self.text(line, number),
        }
    }

    fn vertex(&mut self, vertex: u32, name: &str) {
        if self.builder == Builder::None {
            self.builder = Builder::BuildKit;
            self.outside = Hits::default();
        }
        let known = self.by_vertex.get(&vertex).and_then(|step| self.steps.get(*step));
        match known.and_then(|step| step.name.as_deref()) {
            // The name is told again whenever the log comes back to the vertex.
            Some(known) if known == name => {}
            // A further build begins. One that failed is what the log is about.
            Some(_) if vertex <= 1 && !self.failed => {
                *self = Self { builder: Builder::BuildKit, ..Self::new(self.matcher) };
                self.name(vertex, name);
            }
            Some(_) => {}
            None => self.name(vertex, name),
        }
    }

    /// Gives a vertex its name.
    fn name(&mut self, vertex: u32, name: &str) {
        let Some(step) = self.step_of(vertex) else { return };
        self.by_name.insert(name.to_owned(), step);
        if let Some(step) = self.steps.get_mut(step) {
            step.name = Some(name.to_owned());
        }
    }

    /// The step of a vertex, be it new.
    fn step_of(&mut self, vertex: u32) -> Option<usize> {
        if let Some(step) = self.by_vertex.get(&vertex) {
            return Some(*step);
        }
        let step = self.add(Step::default())?;
        self.by_vertex.insert(vertex, step);
        Some(step)
    }

    fn add(&mut self, step: Step) -> Option<usize> {
        (self.steps.len() < MOST_STEPS).then(|| {
            self.steps.push(step);
            self.steps.len() - 1
        })
    }

    fn output(&mut self, vertex: u32, number: usize, text: &str) {
        if self.builder == Builder::None && !self.by_vertex.contains_key(&vertex) {
            // Only its name makes it a vertex, unless the log begins in the middle.
            self.matcher.try_line(number, text, &mut self.outside);
        }
        let Some(step) = self.step_of(vertex) else { return };
        if !is_trace(text) {
            self.try_line(step, number, text);
        }
    }

    fn ended(&mut self, vertex: u32, number: usize, end: End<'_>) {
        let Some(index) = self.step_of(vertex) else { return };
        self.builder = Builder::BuildKit;
        let message = match end {
            End::Error(message) if message.starts_with("context canceled") => return,
            End::Error(message) => message,
            End::Done | End::Canceled => {
                if let Some(step) = self.steps.get_mut(index).filter(|step| step.state == StepState::Running)
                {
                    step.state = StepState::Done;
                }
                return;
            }
        };
        let (text, status) = match mark(message) {
            Mark::Final(text, status) => (text, status),
            _ => (message.to_owned(), status(message)),
        };
        self.fail(index, number, status);
        self.try_line(index, number, &text);
    }

    fn fail(&mut self, index: usize, number: usize, status: Option<usize>) {
        self.failed = true;
        if let Some(step) = self.steps.get_mut(index) {
            step.state = StepState::Failed;
            step.status = step.status.or(status);
            step.line = step.line.max(number);
        }
    }

    fn step(&mut self, instruction: &str, place: usize, number: usize) {
        if self.builder == Builder::BuildKit {
            return;
        }
        if place == 1 && !self.steps.is_empty() && !self.failed {
            let line = self.line;
            *self = Self { line, ..Self::new(self.matcher) };
        }
        self.builder = Builder::Serial;
        self.outside = Hits::default();
        let name = Some(instruction.to_owned());
        let number_of = Some(place).filter(|place| *place > 0);
        // The steps before it went well.
        self.steps.clear();
        self.current = self.add(Step { name, number: number_of, line: number, ..Step::default() });
    }

    fn recall(&mut self, name: &str, number: usize) {
        if self.builder == Builder::Serial {
            return;
        }
        self.builder = Builder::BuildKit;
        let known = self.by_name.get(name).copied();
        let step = known.or_else(|| self.add(Step { name: Some(name.to_owned()), ..Step::default() }));
        if let Some(step) = step {
            self.by_name.insert(name.to_owned(), step);
            self.fail(step, number, None);
        }
        self.recalled = step;
    }

    fn progress(&mut self, state: State, name: &str, number: usize) {
        if self.builder == Builder::Serial {
            return;
        }
        self.builder = Builder::BuildKit;
        let known = self.by_name.get(name).copied();
        let step = known.or_else(|| self.add(Step { name: Some(name.to_owned()), ..Step::default() }));
        let Some(step) = step else { return };
        self.by_name.insert(name.to_owned(), step);
        self.current = Some(step);
        if state == State::Failed {
            self.fail(step, number, None);
        }
    }

    fn last_words(&mut self, text: &str, status: Option<usize>, number: usize) {
        self.failed = true;
        self.line = number;
        self.status = status.or(self.status);
        if let Some(line) = parse_error_line(text) {
            self.dockerfile_line = self.dockerfile_line.or(Some(line));
        }
        self.matcher.try_line(number, text, &mut self.last);
        if let (Builder::Serial, Some(step)) = (self.builder, self.current) {
            self.fail(step, number, status);
        }
    }

    fn text(&mut self, text: &str, number: usize) {
        if let Some(step) = self.recalled {
            self.try_line(step, number, without_time(text));
            return;
        }
        if let (Builder::Serial, Some(step)) = (self.builder, self.current) {
            self.try_line(step, number, text);
        } else {
            if let Some(line) = parse_error_line(text) {
                self.dockerfile_line = self.dockerfile_line.or(Some(line));
            }
            self.matcher.try_line(number, without_time(text), &mut self.outside);
        }
        self.line = number;
    }

    fn try_line(&mut self, step: usize, number: usize, text: &str) {
        if let Some(step) = self.steps.get_mut(step) {
            self.matcher.try_line(number, text, &mut step.hits);
        }
    }
}

/// What the shell is about to run, where it was told to say so.
fn is_trace(text: &str) -> bool {
    let rest = text.trim_start_matches('+');
    rest.len() < text.len() && rest.starts_with(' ')
}

/// The line of the Dockerfile in BuildKit's `dockerfile parse error on line 3: …`.
fn parse_error_line(text: &str) -> Option<u32> {
    let (_, behind) = text.split_once("ockerfile parse error ")?;
    let (_, behind) = behind.split_once("line ")?;
    let digits = behind.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}
