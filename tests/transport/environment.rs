//! Settings from the environment, proxies above all. The environment belongs to the whole process, so each test sends its
//! request from a child process.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use cognito_signout::transport::RustlsTransport;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::server::{Authority, Server, read_request};
use super::{OK, post};

/// Not a loopback host, and known to no name server: RFC 6761, section 6.2.
const HOST: &str = "cognito.test";

/// The URL of the child's request.
const URL: &str = "TEST_URL";
/// The root certificate that it trusts, in hexadecimal; may be empty.
const ROOT: &str = "TEST_ROOT";

/// Runs only in the child process. Prints the status of the response, or the error.
#[tokio::test]
#[ignore = "asks what the environment says"]
async fn child() {
    let url = std::env::var(URL).unwrap();
    let root = std::env::var(ROOT).unwrap();
    let mut transport = RustlsTransport::builder();
    if !root.is_empty() {
        let byte = |at| u8::from_str_radix(&root[at..at + 2], 16).unwrap();
        let root: Vec<u8> = (0..root.len()).step_by(2).map(byte).collect();
        transport = transport.add_root_certificate(root);
    }
    let transport = transport.build();
    let status = post(&transport, &url).await.map(|answer| answer.status);
    println!("status: {status:?}");
}

async fn ask_from_a_child(url: &str, root: &[u8], environment: &[(&str, &str)]) -> String {
    let root: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.args(["environment::child", "--exact", "--ignored", "--nocapture"]);
    command.env(URL, url).env(ROOT, root).envs(environment.iter().copied());
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let status = output.lines().find_map(|line| line.split("status: ").nth(1));
    status.unwrap_or_else(|| panic!("the child said {output}")).to_owned()
}

/// A proxy that keeps the requested targets, and always connects to `target`.
async fn proxy_to(target: &Server) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (address, log) = (target.address, asked.clone());
    let proxy = Server::start(move |mut stream| {
        let log = log.clone();
        async move {
            let head = read_request(&mut stream).await.unwrap();
            log.lock().unwrap().push(head.lines().next().unwrap().to_owned());
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut target = TcpStream::connect(address).await.unwrap();
            let _ = copy_bidirectional(&mut stream, &mut target).await;
        }
    })
    .await;
    (proxy, asked)
}

#[tokio::test]
async fn https_goes_through_the_proxy_of_the_environment_inside_tls() {
    let authority = Authority::new();
    let server = Server::answering_over_tls(authority.certify(HOST), OK).await;
    let (proxy, asked) = proxy_to(&server).await;

    let url = format!("https://{HOST}/");
    let said = ask_from_a_child(&url, &authority.root, &[("HTTPS_PROXY", &proxy.url("http"))]).await;

    assert_eq!(said, "Ok(200)");
    assert_eq!(*asked.lock().unwrap(), [format!("connect {HOST}:443 http/1.1")]);
}

#[tokio::test]
async fn no_proxy_exempts_a_host() {
    let authority = Authority::new();
    let server = Server::answering_over_tls(authority.certify(HOST), OK).await;
    let (proxy, asked) = proxy_to(&server).await;

    let environment = [("https_proxy", &*proxy.url("http")), ("NO_PROXY", HOST)];
    let said = ask_from_a_child(&format!("https://{HOST}/"), &authority.root, &environment).await;

    assert!(said.starts_with("Err(Connect("), "{said}");
    assert!(asked.lock().unwrap().is_empty());
}

/// Its tokens would go to the proxy's machine in plain text.
#[tokio::test]
async fn a_request_to_a_loopback_host_uses_no_proxy() {
    let server = Server::answering(OK).await;
    let (proxy, asked) = proxy_to(&server).await;

    let environment = [("HTTP_PROXY", &*proxy.url("http")), ("http_proxy", &proxy.url("http"))];
    let said = ask_from_a_child(&server.url("http"), &[], &environment).await;

    assert_eq!(said, "Ok(200)");
    assert!(asked.lock().unwrap().is_empty());
    assert_eq!(server.connections(), 1);
}

/// A minimal container has no root certificates. It can still use a loopback server, and it trusts no other server.
#[tokio::test]
async fn without_root_certificates_plain_http_to_loopback_still_works() {
    let environment = [("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere")];
    let plain = Server::answering(OK).await;
    assert_eq!(ask_from_a_child(&plain.url("http"), &[], &environment).await, "Ok(200)");

    let authority = Authority::new();
    let server = Server::answering_over_tls(authority.certify("127.0.0.1"), OK).await;
    let said = ask_from_a_child(&server.url("https"), &[], &environment).await;
    assert!(said.starts_with("Err(Tls("), "{said}");
    let said = ask_from_a_child(&server.url("https"), &authority.root, &environment).await;
    assert_eq!(said, "Ok(200)");
}
