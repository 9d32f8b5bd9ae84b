//! What the app finds at the other end of the cable: Cognito (FakeCognito behind TLS), a name server, proxies, and captive portals.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use cognito_signout::fake_cognito::FakeCognito;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional, split};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use url::form_urlencoded::Serializer;

use crate::names;
use crate::network::{Network, Side};
use crate::small_servers::{Authority, Server, answer_each, read_request};

pub(crate) const HOST: &str = "cognito.test";
pub(crate) const SIGNED_OUT: &str = "myapp://signed-out";
pub(crate) const PROXY: u16 = 3128;
pub(crate) const PROXY_WITH_A_PASSWORD: u16 = 3129;
/// A portal with a certificate of its own.
pub(crate) const PORTAL: u16 = 8443;
/// A portal that speaks plain HTTP on the port of TLS.
pub(crate) const PLAIN_PORTAL: u16 = 8080;
/// A company's gateway, whose certificates the app trusts. It sends its page.
pub(crate) const GATEWAY: u16 = 8444;
/// The same; it sends the app to its page.
pub(crate) const REDIRECTING_GATEWAY: u16 = 8445;

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 44\r\n\r\n\
    <html><body>Please accept the terms.</body></";
const REDIRECT: &str = "HTTP/1.1 302 Found\r\nlocation: https://portal.test/login\r\ncontent-length: 0\r\n\r\n";
const PASSWORD_PLEASE: &str = "HTTP/1.1 407 Proxy Authentication Required\r\n\
    proxy-authenticate: Basic realm=\"office\"\r\ncontent-length: 0\r\n\r\n";

/// What becomes of the connections to Cognito, once TLS is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connections {
    Work,
    /// From the request on, no packet passes any more, and nobody says so.
    VanishWithTheRequest,
    /// Cognito has carried out the request. From its response on, no packet passes any more.
    VanishWithTheResponse,
    /// Cognito has carried out the request. Then the connection is reset.
    AreResetAtTheResponse,
}

/// What the test holds of the services.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) fake: Arc<FakeCognito>,
    /// The certificate that the app trusts.
    pub(crate) root: Vec<u8>,
    connections: Arc<Mutex<Connections>>,
    /// The ports from which connections to Cognito have come.
    ports: Arc<Mutex<Vec<u16>>>,
    names_are_known: Arc<AtomicBool>,
    /// How a connection last reached Cognito or whoever stood in for it.
    pub(crate) last_arrival: Arc<Mutex<Option<Arrival>>>,
    /// The cookie of the browser in which [`IN_THE_BROWSER`] is signed in.
    pub(crate) cookie: String,
}

/// The user with a browser.
pub(crate) const IN_THE_BROWSER: &str = "bea";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    V4,
    V6,
    ByProxy,
    AtAPortal,
}

/// Serves in this thread, for ever.
pub(crate) fn serve(network: &Network, ready: &Sender<Services>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let authority = Authority::new();
        let fake = FakeCognito::builder().sign_out_uris([SIGNED_OUT]);
        let fake = fake.callback_uris([SIGNED_OUT]).session_tracking();
        let fake = fake.start().await.unwrap();
        let services = Services {
            root: authority.root.to_vec(),
            connections: Arc::new(Mutex::new(Connections::Work)),
            ports: Arc::default(),
            names_are_known: Arc::new(AtomicBool::new(true)),
            last_arrival: Arc::default(),
            cookie: sign_in(&fake).await,
            fake: Arc::new(fake),
        };
        services.cognito(network, &authority).await;
        services.proxies().await;
        services.portals(&authority).await;
        ready.send(services.clone()).unwrap();
        names::serve(services.names_are_known).await;
    });
}

/// From now on, no packet of the connection from this port passes.
fn vanish(network: &Network, port: u16) {
    let element = format!("add element inet connections vanished {{ {port} }}");
    network.filter(Side::Services, &element);
}

async fn to(fake: &FakeCognito) -> std::io::Result<TcpStream> {
    TcpStream::connect(&*fake.url().socket_addrs(|| None)?).await
}

/// Signs in at the hosted pages, and returns the browser's cookie.
async fn sign_in(fake: &FakeCognito) -> String {
    let query = [
        ("client_id", &*fake.client_id()),
        ("redirect_uri", SIGNED_OUT),
        ("response_type", "code"),
        ("scope", "openid"),
    ];
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    let form = format!("username={IN_THE_BROWSER}&password=any");
    let request = format!(
        "POST /login?{query} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len(),
    );
    let (mut stream, mut response) = (to(fake).await.unwrap(), String::new());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(fake.has_browser_session(IN_THE_BROWSER), "{response}");
    let cookie = response.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    cookie.unwrap().split(';').next().unwrap().to_owned()
}

impl Services {
    fn arrived(&self, how: Arrival) {
        *self.last_arrival.lock().unwrap() = Some(how);
    }

    async fn cognito(&self, network: &Network, authority: &Authority) {
        network.filter(
            Side::Services,
            "table inet connections {
                set vanished { type inet_service; }
                chain input { type filter hook input priority 0; tcp sport @vanished drop; }
                chain output { type filter hook output priority 0; tcp dport @vanished drop; }
            }",
        );
        let acceptor = TlsAcceptor::from(Arc::new(authority.certify(HOST)));
        let (services, network) = (self.clone(), network.clone());
        Server::at("[::]:443", move |stream| {
            let (services, network, acceptor) = (services.clone(), network.clone(), acceptor.clone());
            async move {
                let _ = services.connection(stream, &acceptor, &network).await;
            }
        })
        .await;
    }

    async fn connection(&self, stream: TcpStream, acceptor: &TlsAcceptor, network: &Network) -> std::io::Result<()> {
        let from = stream.peer_addr()?;
        self.arrived(match from.ip().to_canonical() {
            address if address.is_loopback() => Arrival::ByProxy,
            address if address.is_ipv4() => Arrival::V4,
            _ => Arrival::V6,
        });
        let port = from.port();
        self.ports.lock().unwrap().push(port);
        let stream = acceptor.accept(stream).await?;
        let connections = *self.connections.lock().unwrap();
        match connections {
            Connections::VanishWithTheRequest => vanish(network, port),
            // A connection that is closed with this is reset.
            Connections::AreResetAtTheResponse => stream.get_ref().0.set_zero_linger()?,
            _ => {}
        }
        let fake = to(&self.fake).await?;
        let ((mut from_app, mut to_app), (mut from_fake, mut to_fake)) = (split(stream), fake.into_split());
        let responses = async {
            let mut response = vec![0; 64 * 1024];
            loop {
                let length = from_fake.read(&mut response).await?;
                match connections {
                    _ if length == 0 => return Ok(()),
                    Connections::AreResetAtTheResponse => return Ok(()),
                    Connections::VanishWithTheResponse => vanish(network, port),
                    _ => {}
                }
                to_app.write_all(&response[..length]).await?;
            }
        };
        tokio::select! {
            result = copy(&mut from_app, &mut to_fake) => result.map(drop),
            result = responses => result,
        }
    }

    /// Two HTTP proxies. Neither looks names up: there is one place to go.
    async fn proxies(&self) {
        Server::at(&format!("[::]:{PROXY}"), |mut stream| async move {
            if read_request(&mut stream).await.is_some() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                let mut service = TcpStream::connect("127.0.0.1:443").await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut service).await;
            }
        })
        .await;
        let services = self.clone();
        Server::at(&format!("[::]:{PROXY_WITH_A_PASSWORD}"), move |stream| {
            services.arrived(Arrival::ByProxy);
            answer_each(stream, PASSWORD_PLEASE.into())
        })
        .await;
    }

    async fn portals(&self, authority: &Authority) {
        let services = self.clone();
        Server::at(&format!("[::]:{PLAIN_PORTAL}"), move |mut stream| {
            services.arrived(Arrival::AtAPortal);
            async move {
                // Something arrives that is no HTTP: the app begins with TLS.
                let _ = stream.read_u8().await;
                let _ = stream.write_all(REDIRECT.as_bytes()).await;
            }
        })
        .await;
        let own = Authority::new().certify("portal.test");
        for (port, certificate, response) in [
            (PORTAL, own, REDIRECT),
            (GATEWAY, authority.certify(HOST), PAGE),
            (REDIRECTING_GATEWAY, authority.certify(HOST), REDIRECT),
        ] {
            let acceptor = TlsAcceptor::from(Arc::new(certificate));
            let services = self.clone();
            Server::at(&format!("[::]:{port}"), move |stream| {
                services.arrived(Arrival::AtAPortal);
                let acceptor = acceptor.clone();
                async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer_each(stream, response.into()).await;
                    }
                }
            })
            .await;
        }
    }

    pub(crate) fn know_no_name(&self) {
        self.names_are_known.store(false, Ordering::SeqCst);
    }

    pub(crate) fn let_open_connections_vanish(&self, network: &Network) {
        for port in self.ports.lock().unwrap().iter() {
            vanish(network, *port);
        }
    }

    pub(crate) fn are_well(&self) {
        self.names_are_known.store(true, Ordering::SeqCst);
        self.connections(Connections::Work);
    }

    pub(crate) fn connections(&self, from_now_on: Connections) {
        *self.connections.lock().unwrap() = from_now_on;
    }
}
