//! What is wrong with the network: how each fault is made, and how it is taken away.

use crate::network::{Addresses, Network, SERVICES_V4, Side};
use crate::services::{self, Arrival, Connections, Services};

pub(crate) struct Fault {
    /// As the table in the guide has it.
    pub(crate) name: &'static str,
    pub(crate) addresses: Addresses,
    /// The port of the proxy that the app is told of.
    pub(crate) proxy: Option<u16>,
    begin: Begin,
    /// How the app's requests can arrive while there is the fault. Empty: they do not arrive.
    pub(crate) arrivals: &'static [Arrival],
}

/// How it is made.
enum Begin {
    Nothing,
    /// By a rule for what arrives at the services.
    Rule(&'static str),
    /// By a rule for what arrives on either side.
    RuleOnBothSides(&'static str),
    /// By sending what goes to Cognito to another port.
    Redirect(u16),
    /// By a command on the app's side, which another takes back.
    Command(&'static str, &'static str),
    CommandOnBothSides(&'static str, &'static str),
    NoName,
    /// Of the connections that are made from now on.
    Connections(Connections),
    OpenConnectionsVanish,
}

impl Fault {
    const fn new(name: &'static str, begin: Begin, arrivals: &'static [Arrival]) -> Self {
        Self {
            name,
            addresses: Addresses::Both,
            proxy: None,
            begin,
            arrivals,
        }
    }

    const fn with_proxy(mut self, port: u16) -> Self {
        self.proxy = Some(port);
        self
    }

    const fn by_v6_alone(mut self) -> Self {
        self.addresses = Addresses::V6Alone;
        self
    }

    /// The environment variable for the app.
    pub(crate) fn https_proxy(&self) -> Option<String> {
        self.proxy.map(|port| format!("http://{SERVICES_V4}:{port}"))
    }

    pub(crate) fn begin(&self, network: &Network, services: &Services) {
        *services.last_arrival.lock().unwrap() = None;
        let filter = |side, hook: &str, rule: &str| {
            let chain = format!("chain faults {{ type {hook}; {rule}; }}");
            network.filter(side, &format!("table inet faults {{\n{chain}\n}}"));
        };
        let input = "filter hook input priority 0";
        match self.begin {
            Begin::Nothing => {}
            Begin::Rule(rule) => filter(Side::Services, input, rule),
            Begin::RuleOnBothSides(rule) => [Side::App, Side::Services]
                .into_iter()
                .for_each(|side| filter(side, input, rule)),
            Begin::Redirect(port) => filter(
                Side::Services,
                "nat hook prerouting priority -100",
                &format!("tcp dport 443 redirect to :{port}"),
            ),
            Begin::Command(command, _) => network.run(Side::App, command),
            Begin::CommandOnBothSides(command, _) => on_both_sides(network, command),
            Begin::NoName => services.know_no_name(),
            Begin::Connections(connections) => services.connections(connections),
            Begin::OpenConnectionsVanish => services.let_open_connections_vanish(network),
        }
    }

    pub(crate) fn needs_open_connections(&self) -> bool {
        matches!(self.begin, Begin::OpenConnectionsVanish)
    }

    /// The app's environment does not change, so a proxy that refuses it goes on refusing it.
    pub(crate) fn can_end(&self) -> bool {
        self.proxy != Some(services::PROXY_WITH_A_PASSWORD)
    }

    pub(crate) fn end(&self, network: &Network, services: &Services) {
        for side in [Side::App, Side::Services] {
            network.run(side, "nft flush ruleset");
        }
        match self.begin {
            Begin::Command(_, back) => network.run(Side::App, back),
            Begin::CommandOnBothSides(_, back) => on_both_sides(network, back),
            _ => services.are_well(),
        }
    }
}

/// `DEVICE` in a command is the side's end of the cable.
fn on_both_sides(network: &Network, command: &str) {
    network.run(Side::App, &command.replace("DEVICE", "app"));
    network.run(Side::Services, &command.replace("DEVICE", "services"));
}

const DIRECT: &[Arrival] = &[Arrival::V4, Arrival::V6];
const ONLY_THE_PROXY: Begin = Begin::Rule("tcp dport 443 iifname != \"lo\" drop; udp dport 53 drop");

pub(crate) const FAULTS: &[Fault] = &[
    Fault::new("none", Begin::Nothing, DIRECT),
    Fault::new(
        // Every twentieth: at random, a run could lose many in a row.
        "loss: one packet of TCP in twenty",
        Begin::RuleOnBothSides("meta l4proto tcp numgen inc mod 20 == 0 drop"),
        DIRECT,
    ),
    Fault::new(
        "delay: a link of 128 kbit/s, which the calls share",
        Begin::CommandOnBothSides(
            "tc qdisc add dev DEVICE root tbf rate 128kbit burst 2000 latency 60s",
            "tc qdisc del dev DEVICE root",
        ),
        DIRECT,
    ),
    Fault::new("IPv6 alone", Begin::Nothing, &[Arrival::V6]).by_v6_alone(),
    Fault::new(
        "IPv6 and IPv4, and IPv6 leads nowhere",
        Begin::Rule("meta nfproto ipv6 tcp dport 443 drop"),
        &[Arrival::V4],
    ),
    Fault::new(
        "offline: the cable is pulled",
        Begin::Command("ip link set app down", "ip link set app up"),
        &[],
    ),
    Fault::new(
        "the port is closed: reset at once",
        Begin::Rule("tcp dport 443 reject with tcp reset"),
        &[],
    ),
    Fault::new(
        "a firewall drops what goes to Cognito",
        Begin::Rule("tcp dport 443 drop"),
        &[],
    ),
    Fault::new(
        "half-open: the connections that were open have vanished, as after a change of the network",
        Begin::OpenConnectionsVanish,
        DIRECT,
    ),
    Fault::new(
        "half-open: Cognito vanishes before the request arrives",
        Begin::Connections(Connections::VanishWithTheRequest),
        DIRECT,
    ),
    Fault::new(
        "half-open: Cognito carries out the request, and vanishes before its response",
        Begin::Connections(Connections::VanishWithTheResponse),
        DIRECT,
    ),
    Fault::new(
        "reset: Cognito carries out the request, and its response is lost",
        Begin::Connections(Connections::AreResetAtTheResponse),
        DIRECT,
    ),
    Fault::new("DNS hangs", Begin::Rule("udp dport 53 drop"), &[]),
    // In each call, the C library asks for two kinds of addresses, and asks again after five seconds.
    Fault::new(
        "DNS: the first twenty queries are lost",
        Begin::Rule("udp dport 53 quota until 1160 bytes drop"),
        DIRECT,
    ),
    Fault::new("DNS knows no such name", Begin::NoName, &[]),
    Fault::new(
        "a proxy alone, `HTTPS_PROXY` is set",
        ONLY_THE_PROXY,
        &[Arrival::ByProxy],
    )
    .with_proxy(services::PROXY),
    Fault::new("a proxy alone, `HTTPS_PROXY` is not set", ONLY_THE_PROXY, &[]),
    Fault::new(
        "a proxy alone, and it wants a password",
        ONLY_THE_PROXY,
        &[Arrival::ByProxy],
    )
    .with_proxy(services::PROXY_WITH_A_PASSWORD),
    Fault::new(
        "captive portal, with another certificate",
        Begin::Redirect(services::PORTAL),
        &[Arrival::AtAPortal],
    ),
    Fault::new(
        "captive portal, without TLS",
        Begin::Redirect(services::PLAIN_PORTAL),
        &[Arrival::AtAPortal],
    ),
    Fault::new(
        "a gateway that the device trusts sends its own page",
        Begin::Redirect(services::GATEWAY),
        &[Arrival::AtAPortal],
    ),
    Fault::new(
        "a gateway that the device trusts redirects to its own page",
        Begin::Redirect(services::REDIRECTING_GATEWAY),
        &[Arrival::AtAPortal],
    ),
];
