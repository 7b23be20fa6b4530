//! Ctrl-C, and the request to end: noted whenever they come, heeded where something can be cancelled cleanly.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::error::BuildError;

/// The exit status of a process that Ctrl-C ended.
const STATUS: i32 = 130;

/// Whether somebody asked the process to end.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on. A second request ends the process at once. To be called inside the runtime.
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(false);
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            // Where there are no signals nobody can send one.
            let Ok(mut signals) = signal(kind) else { continue };
            let sender = sender.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    if sender.send_replace(true) {
                        std::process::exit(STATUS);
                    }
                }
            });
        }
        Self(receiver)
    }

    /// The result of `work`, unless somebody asks to end before it is there; `work` is dropped then.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, BuildError> {
        let mut receiver = self.0.clone();
        tokio::select! {
            biased;
            // Without a sender nobody asks any more.
            Ok(_) = receiver.wait_for(|asked| *asked) => Err(BuildError::Interrupted),
            result = work => Ok(result),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_before_counts() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (sender, receiver) = watch::channel(false);
            let interrupt = Interrupt(receiver);
            assert_eq!(interrupt.or(async { 1 }).await.unwrap(), 1);
            sender.send_replace(true);
            assert!(matches!(interrupt.or(async { 1 }).await, Err(BuildError::Interrupted)));
        });
    }
}
