//! URLs and standard input as sources. The servers are threads of the tests; no test needs a network.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use hallway::source::{
    Got,
    http::{self, Limits, Proxies},
};
use serde_json::json;

use crate::{
    packed::{gzip, zip},
    sandbox::{Run, Sandbox},
};

/// What a server does with a request.
#[derive(Clone)]
enum Reply {
    /// Status, headers, body.
    Page(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Headers, and then a byte now and then.
    Drip,
    /// Of what is announced, a part.
    Cut,
}

fn page(body: impl Into<Vec<u8>>) -> Reply {
    Reply::Page(200, Vec::new(), body.into())
}

fn leads_to(place: impl Into<String>) -> Reply {
    Reply::Page(302, vec![("Location", place.into())], Vec::new())
}

/// A server on this machine, until the test ends.
struct Server {
    address: SocketAddr,
    pages: Arc<Mutex<Vec<(&'static str, Reply)>>>,
    /// Requests in order, with their headers in lower case.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(pages: Vec<(&'static str, Reply)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server {
            address: listener.local_addr().unwrap(),
            pages: Arc::new(Mutex::new(pages)),
            asked: Arc::default(),
        };
        let (pages, asked) = (server.pages.clone(), server.asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (pages, asked) = (pages.clone(), asked.clone());
                thread::spawn(move || answer(stream, &pages, &asked));
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn set(&self, path: &'static str, reply: Reply) {
        let mut pages = self.pages.lock().unwrap();
        pages.retain(|(known, _)| *known != path);
        pages.push((path, reply));
    }

    /// What was asked since the last look.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// A client that has enough hangs up: then nothing more is to be sent.
fn answer(mut stream: TcpStream, pages: &Mutex<Vec<(&'static str, Reply)>>, asked: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(path) = request.first().and_then(|line| line.split(' ').nth(1)) else { return };
    asked.lock().unwrap().push(format!("{}\n{}", request[0], request[1..].join("\n").to_lowercase()));
    let reply = pages.lock().unwrap().iter().find(|(known, _)| *known == path).map(|(_, reply)| reply.clone());
    let _ = match reply.unwrap_or(Reply::Page(404, Vec::new(), b"nothing here".to_vec())) {
        Reply::Page(status, mut headers, body) => {
            let etag = headers.iter().find(|(name, _)| *name == "ETag").map(|(_, etag)| etag.to_lowercase());
            let is_known =
                etag.is_some_and(|etag| request.join("\n").to_lowercase().contains(&format!("if-none-match: {etag}")));
            let (status, body) = if is_known { (304, Vec::new()) } else { (status, body) };
            headers.push(("Content-Length", body.len().to_string()));
            let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let headers = headers.concat();
            let head = format!("HTTP/1.1 {status} Word\r\nConnection: close\r\n{headers}\r\n");
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body))
        }
        Reply::Drip => {
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            while sent.is_ok() {
                thread::sleep(Duration::from_millis(20));
                sent = stream.write_all(b"x");
            }
            sent
        }
        Reply::Cut => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"title\":\"Half\"}\n"),
    };
}

const TALKS: &str = "{\"title\":\"Alpha\"}\n{\"title\":\"Beta\"}\n";

fn ingest(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "ingest"], arguments].concat())
}

/// The ids of all records, without what tells namesakes.
fn ids(sandbox: &Sandbox) -> String {
    let ids = sandbox.run(&["--index", "i", "export", "--format", "id"]).stdout;
    let mut ids: Vec<&str> = ids.lines().map(|id| id.split('~').next().unwrap()).collect();
    ids.sort_unstable();
    ids.join(" ")
}

/// Gets a page with small limits: its bytes, or what was said.
fn got(url: &str, limits: &Limits) -> Result<Vec<u8>, String> {
    let folder = tempfile::tempdir().unwrap();
    match http::get(url, None, limits, &Proxies::default(), &folder.path().join("page"), &mut |_, _| {}) {
        Got::At { path, .. } => Ok(fs::read(path).unwrap()),
        Got::Nothing(problem) => {
            assert!(problem.path == url && !problem.hint.is_empty(), "{problem}");
            Err(problem.message)
        }
        Got::AsBefore => panic!("nothing was known"),
    }
}

const SMALL: Limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(20), bytes_max: 1 << 20 };

#[test]
fn a_url_is_read_once_and_then_asked_for_changes() {
    let tagged = |etag: &str, body: &str| {
        let headers =
            vec![("ETag", format!("\"{etag}\"")), ("Last-Modified", "Sat, 21 Oct 2023 07:28:00 GMT".to_owned())];
        Reply::Page(200, headers, body.as_bytes().to_vec())
    };
    let server = Server::new(vec![("/talks.jsonl?lang=en", tagged("one", TALKS))]);
    let sandbox = Sandbox::new();
    let url = server.url("/talks.jsonl?lang=en");
    // A fragment is a place on the page.
    let run = ingest(&sandbox, &[&format!("{url}#top")]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 1, changed 0, removed 0, unchanged 0\n"), "{run:?}");
    assert_eq!(ids(&sandbox), "talks/alpha talks/beta");
    let asked = server.asked();
    assert!(asked.len() == 1 && asked[0].starts_with("GET /talks.jsonl?lang=en HTTP/1.1\n"), "{asked:?}");
    assert!(asked[0].contains("user-agent: hallway/") && !asked[0].contains("if-none-match"), "{asked:?}");
    assert!(!asked[0].contains("cookie"), "{asked:?}");

    let unchanged = "added 0, changed 0, removed 0, unchanged 1\n";
    assert_eq!(ingest(&sandbox, &[&url]).stdout, unchanged);
    let asked = server.asked();
    assert!(asked[0].contains("if-none-match: \"one\"\nif-modified-since: sat, 21 oct 2023 07:28:00 gmt"), "{asked:?}");
    // What is said of it anew needs it whole.
    assert_eq!(ingest(&sandbox, &["--year", "2021", &url]).stdout, "added 0, changed 1, removed 0, unchanged 0\n");
    assert!(!server.asked()[0].contains("if-none-match"));
    assert_eq!(ingest(&sandbox, &["--dry-run", &url]).stdout, unchanged);
    server.set("/talks.jsonl?lang=en", tagged("two", "{\"title\":\"Gamma\"}"));
    assert_eq!(ingest(&sandbox, &[&url]).stdout, "added 0, changed 1, removed 0, unchanged 0\n");
    assert_eq!(ids(&sandbox), "talks/gamma");
    assert_eq!(ingest(&sandbox, &[&url]).stdout, unchanged);

    let hit = &sandbox.json(&["--index", "i", "search", "--json", "gamma"])["hits"][0];
    assert_eq!(hit["source"]["path"], url.as_str());
    assert_eq!(sandbox.run(&["--index", "i", "open", "talks/gamma"]).stdout, format!("{url}\n"));
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&status["gone"], &status["changed"]), (&json!([]), &json!([])));
    // No folder that is pruned holds it, and without its name nobody asks for it.
    server.asked();
    sandbox.write("in/a.jsonl", "{\"title\":\"Local\"}");
    assert_eq!(ingest(&sandbox, &["--prune", "in", "."]).status, 0);
    assert_eq!(server.asked(), Vec::<String>::new());
    assert!(ids(&sandbox).contains("talks/gamma"));
    assert_eq!(sandbox.run(&["--index", "i", "remove", &url]).status, 0);
    assert_eq!(ingest(&sandbox, &[&url]).stdout, "added 0, changed 0, removed 0, unchanged 0\n");
    assert!(!ids(&sandbox).contains("talks/gamma"));
}

#[test]
fn a_dead_url_keeps_what_it_gave() {
    let server =
        Server::new(vec![("/a.jsonl", page(TALKS)), ("/x.zip", page(zip(&[("b.jsonl", b"{\"title\":\"Gamma\"}")])))]);
    let sandbox = Sandbox::new();
    let (a, x) = (server.url("/a.jsonl"), server.url("/x.zip"));
    assert_eq!(ingest(&sandbox, &[&a, &x]).stdout, "added 2, changed 0, removed 0, unchanged 0\n");
    let before = ids(&sandbox);
    assert_eq!(before, "talks/alpha talks/beta talks/gamma");
    for (status, expected, hint) in [
        (404, "the server answers 404 (not found)", "check the address"),
        (500, "the server answers 500 (internal server error)", "try again later"),
        (403, "the server answers 403 (forbidden)", "hallway ingest -"),
        (204, "the server answers 204 (no content)", "browser"),
    ] {
        server.set("/a.jsonl", Reply::Page(status, Vec::new(), b"{\"title\":\"Wrong\"}".to_vec()));
        server.set("/x.zip", Reply::Page(status, Vec::new(), zip(&[("b.jsonl", b"{\"title\":\"Wrong\"}")])));
        let run = ingest(&sandbox, &["--prune", &a, &x]);
        assert_eq!(run.status, 3, "{run:?}");
        assert_eq!(run.stderr.matches(expected).count(), 2, "{run:?}");
        assert!(run.stderr.contains(&a) && run.stderr.contains(hint), "{run:?}");
        assert_eq!(ids(&sandbox), before, "{status}");
        let run = sandbox.run(&["--strict", "--index", "i", "ingest", &a]);
        assert!(run.status == 2 && run.stderr.contains(expected), "{run:?}");
    }
    // A repair asks no server, and takes what is stored.
    server.set("/a.jsonl", page("{\"title\":\"New\"}"));
    server.set("/x.zip", page(zip(&[("b.jsonl", b"{\"title\":\"Newer\"}")])));
    server.asked();
    fs::write(sandbox.path("i/tantivy/meta.json"), "damaged").unwrap();
    let run = sandbox.run(&["--index", "i", "check", "--repair"]);
    assert!(run.status == 0 && run.stderr.contains(&a) && run.stderr.contains("x.zip!/b.jsonl"), "{run:?}");
    assert_eq!((ids(&sandbox), server.asked()), (before, Vec::new()));
    assert_eq!(ingest(&sandbox, &[&a, &x]).stdout, "added 0, changed 2, removed 0, unchanged 0\n");
    assert_eq!(ids(&sandbox), "talks/new talks/newer");
    // What was never had is no source.
    let run = ingest(&sandbox, &[&server.url("/none.xml")]);
    assert!(run.status == 3 && run.stdout.starts_with("added 0, changed 0"), "{run:?}");
}

#[test]
fn an_archive_behind_a_url_is_an_archive() {
    let files: [(&str, &[u8]); 3] = [
        ("a.jsonl", TALKS.as_bytes()),
        ("d/b.jsonl", b"{\"title\":\"Gamma\"}"),
        (".hidden.jsonl", b"{\"title\":\"Hidden\"}"),
    ];
    let tagged =
        |etag: &str, files: &[(&str, &[u8])]| Reply::Page(200, vec![("ETag", format!("\"{etag}\""))], zip(files));
    let server = Server::new(vec![("/all", tagged("one", &files))]);
    let sandbox = Sandbox::new();
    let url = server.url("/all");
    assert_eq!(ingest(&sandbox, &[&url]).stdout, "added 2, changed 0, removed 0, unchanged 0\n");
    assert_eq!(ids(&sandbox), "talks/alpha talks/beta talks/gamma");
    server.asked();
    assert_eq!(ingest(&sandbox, &[&url]).stdout, "added 0, changed 0, removed 0, unchanged 2\n");
    assert!(server.asked()[0].contains("if-none-match: \"one\""));
    // What was left out before has to be fetched.
    assert_eq!(ingest(&sandbox, &["--hidden", &url]).stdout, "added 1, changed 0, removed 0, unchanged 2\n");
    server.set("/all", tagged("two", &files[..1]));
    let summary = sandbox.json(&["--index", "i", "ingest", "--json", &url]);
    assert_eq!(summary["vanished"], json!([format!("{url}!/.hidden.jsonl"), format!("{url}!/d/b.jsonl")]));
    assert_eq!(ingest(&sandbox, &["--prune", &url]).stdout, "added 0, changed 0, removed 2, unchanged 1\n");
    assert_eq!(sandbox.run(&["--index", "i", "open", "talks/alpha"]).stdout, format!("{url}\n"));
    assert_eq!(sandbox.run(&["--index", "i", "remove", &format!("{url}!/a.jsonl")]).status, 0);
    assert_eq!(ids(&sandbox), "");
    let parsed = sandbox.run(&["parse", &url]);
    assert_eq!((parsed.status, parsed.stdout.lines().count()), (0, 2), "{parsed:?}");
}

#[test]
fn redirects_are_followed_so_far_and_to_the_web_alone() {
    let server = Server::new(vec![
        ("/r0", leads_to("/page")),
        ("/r1", leads_to("/r0")),
        ("/r4", leads_to("/r1")),
        ("/r5", leads_to("/r4")),
        ("/page", page(TALKS)),
        ("/r6", leads_to("/r7")),
        ("/r7", leads_to("/r6")),
        ("/file", leads_to("file:///etc/passwd")),
        ("/ftp", leads_to("ftp://127.0.0.1/a")),
        ("/nowhere", leads_to("http://127.0.0.1:1/")),
    ]);
    for path in ["/page", "/r0", "/r5"] {
        assert_eq!(got(&server.url(path), &SMALL).as_deref(), Ok(TALKS.as_bytes()), "{path}");
    }
    server.asked();
    for (path, expected) in [
        ("/r6", "it leads elsewhere more than 5 times"),
        // Of the address nothing but the path is looked at, on the same server.
        ("/file", "the server answers 404"),
        ("/ftp", "it leads to an address that can't be followed"),
        ("/nowhere", "it can't be had"),
    ] {
        let said = got(&server.url(path), &SMALL).unwrap_err();
        assert!(said.contains(expected), "{path}: {said}");
    }
    // No more than one page and five redirects, and what leads to the same server.
    assert_eq!(server.asked().len(), 6 + 2 + 1 + 1);
    let said = got("http://user:secret@127.0.0.1/", &SMALL).unwrap_err();
    assert!(said.contains("holds a password"), "{said}");
    assert!(got("http://a b/", &SMALL).unwrap_err().contains("it is no address"));
    assert!(got("http://no-such-host.invalid/", &SMALL).is_err());
}

#[test]
fn a_server_can_neither_hold_up_nor_flood_a_run() {
    let zeros = vec![b' '; 200 << 20];
    let packed = Reply::Page(200, vec![("Content-Encoding", "gzip".to_owned())], gzip(&zeros));
    let text = Reply::Page(200, vec![("Content-Encoding", "gzip".to_owned())], gzip(TALKS.as_bytes()));
    let server = Server::new(vec![
        ("/drip", Reply::Drip),
        ("/cut", Reply::Cut),
        ("/large", page(&zeros[..2 << 20])),
        ("/bomb", packed),
        ("/packed", text),
        ("/broken", Reply::Page(200, vec![("Content-Encoding", "gzip".to_owned())], b"\x1f\x8b\x08\0broken".to_vec())),
    ]);
    assert_eq!(got(&server.url("/packed"), &SMALL).as_deref(), Ok(TALKS.as_bytes()));
    let soon = Limits { total: Duration::from_millis(300), ..SMALL };
    for (path, limits, expected) in [
        ("/drip", &soon, "it has not come whole after 0.3 s"),
        ("/cut", &SMALL, "it can't be had"),
        ("/large", &SMALL, "it is larger than 1 MB"),
        ("/bomb", &SMALL, "it is larger than 1 MB"),
        ("/broken", &SMALL, "it can't be "),
    ] {
        let said = got(&server.url(path), limits).unwrap_err();
        assert!(said.contains(expected), "{path}: {said}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}/", listener.local_addr().unwrap());
    assert!(got(&silent, &soon).unwrap_err().contains("after 0.3 s"));
}

/// Runs with something on standard input.
fn piped(sandbox: &Sandbox, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = sandbox.command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    Run::from(child.wait_with_output().unwrap())
}

#[test]
fn standard_input_is_a_source_by_its_content_or_by_a_name() {
    let sandbox = Sandbox::new();
    let pipe = |arguments: &[&str], input: &str| {
        piped(&sandbox, &[&["--index", "i", "ingest"], arguments].concat(), input.as_bytes())
    };
    let run = pipe(&["-"], TALKS);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 1, changed 0, removed 0, unchanged 0\n"), "{run:?}");
    assert_eq!(pipe(&["-"], TALKS).stdout, "added 0, changed 0, removed 0, unchanged 1\n");
    assert_eq!(pipe(&["-"], "{\"title\":\"Gamma\"}").stdout, "added 1, changed 0, removed 0, unchanged 0\n");
    assert_eq!(ids(&sandbox), "talks/alpha talks/beta talks/gamma");
    // A name is that of a file, of which the format is told.
    let table = "Title,Speakers,Abstract\nDelta,D. Speaker,What delta is\nEta,E. Speaker,What eta is\n";
    assert_eq!(pipe(&["--name", "more.csv", "-"], table).stdout, "added 1, changed 0, removed 0, unchanged 0\n");
    let other = table.replace("Eta", "Theta");
    assert_eq!(pipe(&["-", "--name", "more.csv"], &other).stdout, "added 0, changed 1, removed 0, unchanged 0\n");
    assert_eq!(ids(&sandbox), "talks/alpha talks/beta talks/delta talks/gamma talks/theta");
    let hit = &sandbox.json(&["--index", "i", "search", "--json", "theta"])["hits"][0];
    assert_eq!(hit["source"]["path"], "stdin:more.csv");
    let run = sandbox.run(&["--index", "i", "open", "talks/theta"]);
    assert!(run.status == 2 && run.stderr.contains("was read from standard input"), "{run:?}");
    // With --as and an edition, any text is a report.
    let run = pipe(
        &["--as", "markdown", "--edition", "FooConf 2023", "--name", "day1.md", "-"],
        "What was said in the hall.",
    );
    assert_eq!(run.stdout, "added 1, changed 0, removed 0, unchanged 0\n", "{run:?}");
    let before = ids(&sandbox);

    for refused in
        [&["--name", "x.md", "in"][..], &["--name", "a/b", "-"], &["--name", "", "-"], &["ftp://example.org/a"]]
    {
        let run = pipe(refused, "");
        assert!(run.status == 2 && run.stderr.contains("hint: "), "{refused:?}: {run:?}");
    }
    assert_eq!(ids(&sandbox), before);
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&status["gone"], &status["changed"], &status["sources"]), (&json!([]), &json!([]), &json!(4)));
    sandbox.write("in/a.jsonl", "{\"title\":\"Local\"}");
    assert_eq!(ingest(&sandbox, &["--prune", "in"]).status, 0);
    // It can't be read again: what is stored serves.
    fs::write(sandbox.path("i/tantivy/meta.json"), "damaged").unwrap();
    let run = sandbox.run(&["--index", "i", "check", "--repair"]);
    assert!(run.status == 0 && run.stderr.contains("stdin:more.csv"), "{run:?}");
    assert_eq!(ids(&sandbox).replace(" talks/local", ""), before);
    assert_eq!(pipe(&["-"], TALKS).stdout, "added 0, changed 1, removed 0, unchanged 0\n");
    assert_eq!(sandbox.run(&["--index", "i", "remove", "stdin:more.csv"]).status, 0);
    assert!(!ids(&sandbox).contains("theta"));
    assert_eq!(pipe(&["--name", "more.csv", "-"], &other).stdout, "added 0, changed 0, removed 0, unchanged 0\n");
    // An archive can be piped as well.
    let bytes = zip(&[("z.jsonl", b"{\"title\":\"Zeta\"}")]);
    let run = piped(&sandbox, &["--index", "i", "ingest", "--name", "z.zip", "-"], &bytes);
    assert_eq!(run.stdout, "added 1, changed 0, removed 0, unchanged 0\n", "{run:?}");
    let hit = &sandbox.json(&["--index", "i", "search", "--json", "zeta"])["hits"][0];
    assert_eq!(hit["source"]["path"], "stdin:z.zip!/z.jsonl");
}

/// A proxy that hands on what it is asked to connect, and notes it.
fn proxy() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = asked.clone();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let noted = noted.clone();
            thread::spawn(move || {
                let lines = BufReader::new(client.try_clone().unwrap()).lines().map_while(Result::ok);
                let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let target = request[0].split(' ').nth(1).unwrap().to_owned();
                noted.lock().unwrap().push(request.join("\n"));
                let Ok(mut server) = TcpStream::connect(&target) else {
                    _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
                    return;
                };
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                _ = std::io::copy(&mut server, &mut client);
                _ = client.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    (address, asked)
}

#[test]
fn proxies_of_the_environment_are_used() {
    let server = Server::new(vec![("/a.jsonl", page(TALKS))]);
    let (proxy, asked) = proxy();
    let fetch = |environment: &[(&str, String)]| {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command();
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let run = Run::from(command.args(["--index", "i", "ingest", &server.url("/a.jsonl")]).output().unwrap());
        (run, std::mem::take(&mut *asked.lock().unwrap()))
    };
    let by_proxy = format!("http://ann:secret@{proxy}");
    for (environment, n_asked) in [
        (vec![], 0),
        (vec![("HTTP_PROXY", by_proxy.clone())], 1),
        (vec![("http_proxy", by_proxy.clone())], 1),
        (vec![("ALL_PROXY", format!("{proxy}"))], 1),
        (vec![("HTTPS_PROXY", by_proxy.clone())], 0),
        (vec![("HTTP_PROXY", by_proxy.clone()), ("NO_PROXY", "example.org, 127.0.0.1".to_owned())], 0),
        (vec![("HTTP_PROXY", by_proxy.clone()), ("NO_PROXY", "*".to_owned())], 0),
        (vec![("HTTP_PROXY", by_proxy.clone()), ("NO_PROXY", "example.org".to_owned())], 1),
        (vec![("HTTP_PROXY", String::new())], 0),
    ] {
        let (run, asked) = fetch(&environment);
        assert_eq!(run.stdout, "added 1, changed 0, removed 0, unchanged 0\n", "{environment:?}: {run:?}");
        assert_eq!(asked.len(), n_asked, "{environment:?}: {asked:?}");
        assert!(asked.iter().all(|asked| asked.starts_with(&format!("CONNECT {}", server.address))), "{asked:?}");
        let has_password = asked.iter().any(|asked| asked.to_lowercase().contains("proxy-authorization: basic"));
        assert_eq!(has_password, n_asked == 1 && environment[0].1.contains('@'), "{asked:?}");
    }
    // Neither a bad address nor its password is shown.
    for (address, said) in
        [("http://ann:secret@[", "the address of the proxy can't be read"), ("http://ann:secret@127.0.0.1:1", "can't")]
    {
        let (run, _) = fetch(&[("HTTP_PROXY", address.to_owned())]);
        assert!(run.status != 0 && run.stderr.contains(said) && !run.stderr.contains("secret"), "{run:?}");
    }
}

#[test]
fn what_is_fetched_leaves_nothing_behind() {
    let server = Server::new(vec![("/a.jsonl", page(TALKS))]);
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("tmp")).unwrap();
    let mut command = sandbox.command();
    command.env("TMPDIR", sandbox.path("tmp")).args(["--index", "i", "ingest", &server.url("/a.jsonl")]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(stdout, "added 1, changed 0, removed 0, unchanged 0\n");
    assert_eq!(fs::read_dir(sandbox.path("tmp")).unwrap().count(), 0);
}
