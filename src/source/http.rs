//! Sources behind `http:` and `https:` URLs: got once, whole, into a file, within limits that the caller sets. A server that
//! says that nothing has changed is believed; everything else about it is not.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
    time::Duration,
};

use ureq::{
    Agent, Body, Error as Failure, Proxy, ProxyBuilder, ResponseExt,
    http::{HeaderMap, Response, Uri, header},
};

use super::{FILE_BYTES_MAX, Got, Validators};
use crate::error::{Error, ErrorKind, Problem, Result};

/// How long a run may wait for one URL, and how much it may take of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a connection, with its encryption.
    pub connect: Duration,
    /// For everything, from the look for the host to the last byte: a server that sends a byte now and then ends too.
    pub total: Duration,
    /// Bytes of the page as it was before it was packed for the way.
    pub bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: Duration::from_secs(10), total: Duration::from_secs(60), bytes_max: FILE_BYTES_MAX }
    }
}

/// What stands between this machine and the web, as the user's environment says it; the library reads none.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// For `http:` and for `https:`, an address each; it may hold a name and a password, and is never shown.
    pub http: Option<String>,
    pub https: Option<String>,
    /// Hosts that are reached without one: names, which are those of all below them too, or `*`.
    pub none: Vec<String>,
}

impl Proxies {
    fn of(&self, uri: &Uri) -> Result<Option<Proxy>> {
        let address = if uri.scheme_str() == Some("https") { &self.https } else { &self.http };
        let Some(address) = address else { return Ok(None) };
        let build = || {
            let stated = Proxy::new(address)?;
            let mut builder = Proxy::builder(stated.protocol()).host(stated.host()).port(stated.port());
            builder = stated.username().into_iter().fold(builder, ProxyBuilder::username);
            builder = stated.password().into_iter().fold(builder, ProxyBuilder::password);
            // The name of a host and of those below it, as curl has it.
            for host in self.none.iter().map(|host| host.trim().trim_start_matches('.')).filter(|host| !host.is_empty())
            {
                builder = builder.no_proxy(host).no_proxy(&format!(".{host}"));
            }
            builder.build()
        };
        build().map(Some).map_err(|_: Failure| {
            refused("the address of the proxy can't be read")
                .hint("write HTTPS_PROXY and HTTP_PROXY as http://host:port")
        })
    }
}

/// Redirects that are followed: real chains have two or three.
const REDIRECTS_MAX: u32 = 5;
/// Bytes that are taken at a time.
const STEP_BYTES: usize = 64 << 10;
/// Sent as `User-Agent`, so that who runs a server can tell who asks.
const USER_AGENT: &str = concat!("hallway/", env!("CARGO_PKG_VERSION"), " (search engine for conference talks)");

/// Gets what is behind `url` into the file `into`; with `known`, only where it has changed since the server said that.
/// `progress` is told how many bytes have come, of how many where that is known. What can't be had is a problem.
pub fn get(
    url: &str,
    known: Option<&Validators>,
    limits: &Limits,
    proxies: &Proxies,
    into: &Path,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Got {
    fetch(url, known, limits, proxies, into, progress).unwrap_or_else(|error| {
        let hint = error.hint_text().unwrap_or("check the address, and whether a browser opens it").to_owned();
        Got::Nothing(Problem::new(url, None, error.to_string(), hint))
    })
}

fn fetch(
    url: &str,
    known: Option<&Validators>,
    limits: &Limits,
    proxies: &Proxies,
    into: &Path,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Got> {
    let uri: Uri = url.parse().map_err(|error| {
        refused("it is no address").because(error).hint("write spaces and other signs as %20 and the like")
    })?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(refused("the address holds a password, which would be kept in the index")
            .hint("get it with another program, and pipe it into `hallway ingest -`"));
    }
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        // From a page that nobody can have changed on its way to one that anybody can.
        .https_only(uri.scheme_str() == Some("https"))
        .max_redirects(REDIRECTS_MAX)
        .save_redirect_history(true)
        .timeout_connect(Some(limits.connect))
        .timeout_global(Some(limits.total))
        .proxy(proxies.of(&uri)?)
        .user_agent(USER_AGENT)
        .build()
        .into();
    let mut request = agent.get(uri);
    for (name, value) in [
        (header::IF_NONE_MATCH, known.and_then(|known| known.etag.as_deref())),
        (header::IF_MODIFIED_SINCE, known.and_then(|known| known.last_modified.as_deref())),
    ] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let response = request.call().map_err(|failure| told(&failure, limits))?;
    let steps = response.get_redirect_history().unwrap_or_default();
    if steps.windows(2).any(|pair| pair[0].scheme_str() == Some("https") && pair[1].scheme_str() != Some("https")) {
        return Err(told(&Failure::RequireHttpsOnly(String::new()), limits));
    }
    match response.status().as_u16() {
        200 => {}
        304 if known.is_some() => return Ok(Got::AsBefore),
        status => return Err(answered(status)),
    }
    let validators = validators(response.headers());
    save(response, limits, into, progress)?;
    Ok(Got::At { path: into.to_owned(), validators })
}

fn validators(headers: &HeaderMap) -> Validators {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) }
}

fn save(
    response: Response<Body>,
    limits: &Limits,
    into: &Path,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<()> {
    let body = response.into_body();
    let n_all = body.content_length();
    let failed = |cause| Error::io("can't write", into, cause);
    let mut file = File::create(into).map_err(failed)?;
    let (mut reader, mut buffer, mut n_bytes) = (body.into_reader(), vec![0; STEP_BYTES], 0);
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => n,
            Err(cause) => return Err(told(&Failure::from(cause), limits)),
        };
        n_bytes += n as u64;
        if n_bytes > limits.bytes_max {
            return Err(refused(format!("it is larger than {} MB", limits.bytes_max >> 20))
                .hint("get it with another program, unpack it and ingest the folder"));
        }
        file.write_all(&buffer[..n]).map_err(failed)?;
        progress(n_bytes, n_all);
    }
}

fn refused(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Input, what)
}

/// An answer that is no page.
fn answered(status: u16) -> Error {
    let hint = match status {
        401 | 403 => "get it with a program that may, and pipe it into `hallway ingest -`",
        404 | 410 => "check the address; what it gave before stays in the index",
        408 | 429 | 500..=599 => "try again later; what it gave before stays in the index",
        _ => "check the address, and whether a browser opens it",
    };
    Error::new(ErrorKind::Io, format!("the server answers {status}{}", said(status))).hint(hint)
}

fn said(status: u16) -> String {
    let status = ureq::http::StatusCode::from_u16(status).ok();
    let reason = status.and_then(|status| status.canonical_reason()).map(str::to_lowercase);
    reason.map_or(String::new(), |reason| format!(" ({reason})"))
}

/// What went wrong on the way, in words.
fn told(failure: &Failure, limits: &Limits) -> Error {
    let seconds = |of: Duration| of.as_secs_f32();
    let (what, hint) = match failure {
        Failure::HostNotFound => ("there is no such host".to_owned(), "check the address, and whether you are online"),
        Failure::Timeout(ureq::Timeout::Connect) => (
            format!("there is no connection after {} s", seconds(limits.connect)),
            "check the address, and whether you are online",
        ),
        Failure::Timeout(_) => (
            format!("it has not come whole after {} s", seconds(limits.total)),
            "try again later, or get it with another program and ingest the file",
        ),
        Failure::TooManyRedirects => (
            format!("it leads elsewhere more than {REDIRECTS_MAX} times"),
            "open it in a browser, and ingest the address where that ends",
        ),
        Failure::RequireHttpsOnly(_) => (
            "it leads from an encrypted page to one that is not".to_owned(),
            "ingest the address where it leads, if you trust it",
        ),
        Failure::BadUri(why) => (
            format!("it leads to an address that can't be followed ({why})"),
            "open it in a browser, and ingest the address where that ends",
        ),
        Failure::Tls(_) | Failure::Rustls(_) | Failure::Pem(_) => (
            format!("the server can't be trusted ({failure})"),
            "check the address and the clock of this machine; its certificate is not one that browsers accept",
        ),
        Failure::ConnectProxyFailed(why) => (
            format!("the proxy does not let it through ({why})"),
            "check HTTPS_PROXY and HTTP_PROXY; NO_PROXY names the hosts that need none",
        ),
        Failure::Decompress(..) => (format!("it can't be unpacked ({failure})"), "try again later"),
        other => (format!("it can't be had ({other})"), "check the address, and whether you are online"),
    };
    Error::new(ErrorKind::Io, what).hint(hint)
}
