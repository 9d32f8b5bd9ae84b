//! Finds the user of the program at the other end of a connection. Only Linux has a table for that.

/// Whether the connected program belongs to this user or to the system. A program of another user must not be able to pretend
/// that the browser has come back. On other systems than Linux every program is accepted.
#[cfg(not(target_os = "linux"))]
pub(super) async fn is_ours(_stream: &tokio::net::TcpStream) -> bool {
    true
}

#[cfg(target_os = "linux")]
pub(super) use linux::is_ours;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, BufRead, BufReader};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

    use tokio::net::TcpStream;
    use tokio::runtime::Handle;

    use crate::task;

    /// proc_pid_net(5). A connection to an IPv4 address may be in the second table, with its mapped address.
    const TABLES: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];
    /// Enough for more than 200,000 connections. Reading them takes a fraction of a second.
    const MOST_LINES: usize = 1 << 18;
    /// The table changes while it is read, so a line can be missed.
    const TRIES: usize = 3;
    /// `TCP_LISTEN` in the table.
    const LISTENING: &str = "0A";

    pub(in super::super) async fn is_ours(stream: &TcpStream) -> bool {
        let (Ok(here), Ok(there)) = (stream.local_addr(), stream.peer_addr()) else {
            return false;
        };
        // Reading the table blocks.
        let looked = task::spawn_blocking(&Handle::current(), move || {
            let mut owner = Owner::Gone;
            for _ in 0..TRIES {
                owner = look(here, there);
                if owner != Owner::Gone {
                    break;
                }
            }
            owner
        });
        match looked.await {
            Ok(Owner::Us | Owner::Unknown) => true,
            Ok(Owner::Another | Owner::Gone) => {
                tracing::warn!("refused a request at the redirect's port: it came from a program of another user");
                false
            }
            Err(_) => false,
        }
    }

    /// Who has the other end of a connection.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Owner {
        Us,
        Another,
        /// The program has closed the connection, so its user is not known any more.
        Gone,
        /// The system does not say.
        Unknown,
    }

    fn look(here: SocketAddr, there: SocketAddr) -> Owner {
        let mut seen = Seen::default();
        for table in TABLES {
            if let Ok(file) = File::open(table) {
                // Lines before an error count.
                let _ = seen.read(BufReader::new(file), here, there);
            }
        }
        seen.owner()
    }

    /// The entries of the tables for one connection.
    #[derive(Debug, Default)]
    struct Seen {
        /// The user who listens here: this program's user.
        listener: Option<u32>,
        /// The user at the other end.
        client: Option<u32>,
    }

    impl Seen {
        fn read(&mut self, table: impl BufRead, here: SocketAddr, there: SocketAddr) -> io::Result<()> {
            let (here, there) = (canonical(here), canonical(there));
            for line in table.lines().take(MOST_LINES) {
                let Some(entry) = Entry::parse(&line?) else { continue };
                if entry.listens && entry.local == here {
                    self.listener = Some(entry.uid);
                }
                // For a connection that no program has open any more, the table says 0.
                if entry.local == there && entry.remote == here && entry.is_held {
                    self.client = Some(entry.uid);
                }
            }
            Ok(())
        }

        /// The system's own user, 0, is accepted: it can do anything, and it forwards connections, for example from the browser
        /// of Windows to WSL.
        fn owner(&self) -> Owner {
            match (self.listener, self.client) {
                // Not even this program is in the table, so it is not the right table.
                (None, _) => Owner::Unknown,
                (Some(_), None) => Owner::Gone,
                (Some(us), Some(client)) if client == us || client == 0 => Owner::Us,
                (Some(_), Some(_)) => Owner::Another,
            }
        }
    }

    /// A line of the table.
    #[derive(Debug, PartialEq, Eq)]
    struct Entry {
        local: SocketAddr,
        remote: SocketAddr,
        listens: bool,
        uid: u32,
        /// Whether a program has the connection open.
        is_held: bool,
    }

    impl Entry {
        fn parse(line: &str) -> Option<Self> {
            let mut fields = line.split_ascii_whitespace();
            let local = address(fields.nth(1)?)?;
            let remote = address(fields.next()?)?;
            let listens = fields.next()? == LISTENING;
            let uid = fields.nth(3)?.parse().ok()?;
            let is_held = fields.nth(1)? != "0";
            Some(Self {
                local,
                remote,
                listens,
                uid,
                is_held,
            })
        }
    }

    /// For example `0100007F:1F90`: each four bytes of the address as one number in the machine's byte order, then the port.
    fn address(text: &str) -> Option<SocketAddr> {
        let (host, port) = text.split_once(':')?;
        let word = |at: usize| Some(u32::from_str_radix(host.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
        let ip: IpAddr = match host.len() {
            8 => Ipv4Addr::from(word(0)?).into(),
            32 => {
                let words = [word(0)?, word(8)?, word(16)?, word(24)?];
                let mut bytes = [0; 16];
                bytes.copy_from_slice(words.as_flattened());
                Ipv6Addr::from(bytes).into()
            }
            _ => return None,
        };
        let port = u16::from_str_radix(port, 16).ok()?;
        Some(canonical(SocketAddr::new(ip, port)))
    }

    /// An IPv4 address can be written as an IPv6 address. Both count as the same.
    fn canonical(address: SocketAddr) -> SocketAddr {
        SocketAddr::new(address.ip().to_canonical(), address.port())
    }

    #[cfg(test)]
    #[cfg(target_endian = "little")] // Like the samples.
    mod tests {
        use super::*;

        const HEAD: &str =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
        /// Port 8765 is 223D, 40000 is 9C40.
        const LISTENER: &str = "   0: 0100007F:223D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1117 1 0000000000000000 100 0 0 10 0\n";
        const OUR_END: &str = "   1: 0100007F:223D 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 1118 1 0000000000000000 20 4 30 10 -1\n";

        fn client(uid: u32, inode: u32) -> String {
            format!(
                "   2: 0100007F:9C40 0100007F:223D 01 00000000:00000000 00:00000000 00000000  {uid}        0 {inode} 1 0000000000000000 20 4 30 10 -1\n"
            )
        }

        fn owner(table: &str) -> Owner {
            let mut seen = Seen::default();
            let (here, there) = ("127.0.0.1:8765".parse().unwrap(), "127.0.0.1:40000".parse().unwrap());
            seen.read(table.as_bytes(), here, there).unwrap();
            seen.owner()
        }

        #[test]
        fn the_other_end_is_recognized_by_its_user() {
            for (uid, whose) in [
                (1000, Owner::Us),
                (0, Owner::Us),
                (1001, Owner::Another),
                (65534, Owner::Another),
            ] {
                let table = [HEAD, LISTENER, OUR_END, &client(uid, 1119)].concat();
                assert_eq!(owner(&table), whose, "{uid}");
            }
        }

        #[test]
        fn an_end_that_no_program_has_open_belongs_to_nobody() {
            assert_eq!(owner(&[HEAD, LISTENER, OUR_END].concat()), Owner::Gone);
            // Closed, but still in the table: there its user is 0.
            assert_eq!(owner(&[HEAD, LISTENER, OUR_END, &client(0, 0)].concat()), Owner::Gone);
        }

        #[test]
        fn a_table_without_this_program_or_without_valid_lines_says_nothing() {
            for table in [
                "",
                HEAD,
                &client(1001, 1119),
                "\n\n0: zz\n",
                &LISTENER.replace("0100007F", "0100007"),
                &LISTENER.replace(" 1000 ", " -1 "),
            ] {
                assert_eq!(owner(table), Owner::Unknown, "{table}");
            }
        }

        #[test]
        fn addresses_of_both_families_are_read_and_a_mapped_one_is_its_ipv4_address() {
            let read = |text: &str| address(text).map(|address| address.to_string());
            assert_eq!(read("0100007F:223D").as_deref(), Some("127.0.0.1:8765"));
            let v6 = "00000000000000000000000001000000:223D";
            assert_eq!(read(v6).as_deref(), Some("[::1]:8765"));
            let mapped = "0000000000000000FFFF00000100007F:223D";
            assert_eq!(read(mapped).as_deref(), Some("127.0.0.1:8765"));
            for wrong in [
                "",
                "0100007F",
                "0100007F:",
                ":223D",
                "0100007F:12345",
                "0100007FF:223D",
                "é100007F:1",
            ] {
                assert_eq!(read(wrong), None, "{wrong}");
            }
        }
    }
}
