//! Images from Dockerfiles: build, read why it failed, repair, build again, and prove that the image runs.
//!
//! Takes a Dockerfile with its context, what may be changed, and what to build it with. Gives a [`result`] that tells
//! every attempt and its edits; nothing on disk changes here. What a log *means* is `diagnose`'s to say, and it comes in
//! as a function of the [`repair`] loop. `bollard` and `tokio` are named in this room alone.

pub mod archive;
pub mod connect;
pub mod credentials;
mod dial;
pub mod endpoint;
pub mod error;
pub mod image;
pub mod interrupt;
pub mod log;
pub mod name;
pub mod redact;
pub mod repair;
pub mod requirements;
pub mod result;
pub mod site;
pub mod smoke;
pub mod status;
pub mod transcript;

pub use error::BuildError;
