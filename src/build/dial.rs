//! The Docker API over the standard input and output of a command: `docker system dial-stdio`, on another machine
//! through `ssh`, or as root through `sudo`.
//!
//! Every request runs the command anew, as Docker's own client does for `ssh://`.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

use bollard::BollardRequest;
use bollard::errors::Error;
use hyper::body::Incoming;
use hyper::{Response, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::endpoint::Address;

/// The command that reaches the engine, or `None` where its socket can be reached directly.
pub(super) fn command(address: &Address, sudo: bool) -> Option<Vec<String>> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    match address {
        Address::Unix(path) if sudo => {
            let host = format!("unix://{}", path.display());
            Some(words(&["sudo", "docker", "-H", &host, "system", "dial-stdio"]))
        }
        Address::Unix(_) | Address::Tcp(..) => None,
        Address::Ssh(address) => {
            let (host, port) = match address.rsplit_once(':') {
                Some((host, port)) if port.parse::<u16>().is_ok() => (host, Some(port)),
                _ => (address.as_str(), None),
            };
            let mut command = words(&["ssh", "-T"]);
            if let Some(port) = port {
                command.extend(words(&["-p", port]));
            }
            // After `--` a host that begins with a dash is no option.
            command.extend(words(&["--", host]));
            command.extend(words(if sudo { &["sudo", "docker"] } else { &["docker"] }));
            command.extend(words(&["system", "dial-stdio"]));
            Some(command)
        }
    }
}

/// Sends one request through a fresh run of the command.
pub(super) async fn request(
    command: Vec<String>,
    request: BollardRequest,
) -> Result<Response<Incoming>, Error> {
    let (program, arguments) = command.split_first().ok_or_else(|| io::Error::other("no command"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("cannot run `{program}`: {error}")))?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("no pipes").into());
    };
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(Pipes { input, output })).await?;
    let mut errors = child.stderr.take();
    // The command lives as long as the connection, an upgraded one included: the pipes are its life line.
    tokio::spawn(keep(child, connection));
    match sender.send_request(in_origin_form(request)?).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let mut said = String::new();
            if let Some(errors) = &mut errors {
                let _ = errors.take(4096).read_to_string(&mut said).await;
            }
            Err(match said.trim() {
                "" => error.into(),
                said => io::Error::other(format!("`{}`: {said}", command.join(" "))).into(),
            })
        }
    }
}

async fn keep<B>(mut child: Child, connection: hyper::client::conn::http1::Connection<TokioIo<Pipes>, B>)
where
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // A connection that breaks off is reported by the request that it served.
    let _ = connection.with_upgrades().await;
    let _ = child.wait().await;
}

/// The request as a server wants it: the path alone, and a host.
fn in_origin_form(mut request: BollardRequest) -> Result<BollardRequest, Error> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    *request.uri_mut() = path.parse::<Uri>()?;
    request.headers_mut().insert(header::HOST, header::HeaderValue::from_static("docker"));
    Ok(request)
}

/// The two pipes of a command as one stream.
struct Pipes {
    input: ChildStdin,
    output: ChildStdout,
}

impl AsyncRead for Pipes {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_read(context, buffer)
    }
}

impl AsyncWrite for Pipes {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.input).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(address: &Address, sudo: bool) -> Option<String> {
        command(address, sudo).map(|command| command.join(" "))
    }

    #[test]
    fn commands_reach_engines_that_sockets_do_not() {
        let unix = Address::Unix("/run/d.sock".into());
        assert_eq!(line(&unix, false), None);
        assert_eq!(line(&unix, true).unwrap(), "sudo docker -H unix:///run/d.sock system dial-stdio");
        let ssh = Address::Ssh("me@far:2222".to_owned());
        assert_eq!(line(&ssh, false).unwrap(), "ssh -T -p 2222 -- me@far docker system dial-stdio");
        let ssh = Address::Ssh("far".to_owned());
        assert_eq!(line(&ssh, true).unwrap(), "ssh -T -- far sudo docker system dial-stdio");
    }
}
