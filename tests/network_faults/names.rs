//! A name server that knows one name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::UdpSocket;

use crate::network::{SERVICES_V4, SERVICES_V6};

const HEADER: usize = 12;
const TYPE_A: u16 = 1;
const TYPE_AAAA: u16 = 28;

/// Says that every name is the services' machine, or that there is no such name.
pub(crate) async fn serve(knows: Arc<AtomicBool>) {
    let socket = UdpSocket::bind("[::]:53").await.unwrap();
    let mut query = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut query).await {
        if let Some(response) = response(&query[..length], knows.load(Ordering::SeqCst)) {
            let _ = socket.send_to(&response, from).await;
        }
    }
}

/// The response to a query with one question (RFC 1035, section 4).
fn response(query: &[u8], knows: bool) -> Option<Vec<u8>> {
    let name = query.get(HEADER..)?.iter().position(|byte| *byte == 0)? + 1;
    let question = query.get(..HEADER + name + 4)?;
    let kind = u16::from_be_bytes([question[HEADER + name], question[HEADER + name + 1]]);
    let address: Option<IpAddr> = match kind {
        TYPE_A => Some(SERVICES_V4.parse::<Ipv4Addr>().unwrap().into()),
        TYPE_AAAA => Some(SERVICES_V6.parse::<Ipv6Addr>().unwrap().into()),
        _ => None,
    };
    let address = address.filter(|_| knows);
    let mut response = question.to_vec();
    // A response, recursion available, and no such name if it is not known.
    (response[2], response[3]) = (0x81, if knows { 0x80 } else { 0x83 });
    (response[6], response[7]) = (0, u8::from(address.is_some()));
    response[8..HEADER].fill(0);
    if let Some(address) = address {
        // The name of the question, its type and class, and a life of no time.
        response.extend([0xc0, 0x0c]);
        response.extend(&question[question.len() - 4..]);
        response.extend([0; 4]);
        let address = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        response.extend([0, address.len() as u8]);
        response.extend(address);
    }
    Some(response)
}
