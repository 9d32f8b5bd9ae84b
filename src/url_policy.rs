//! Which URLs a token may be sent to.

use url::{Host, Url};

/// The body contains tokens, so it needs TLS, unless it stays on this machine.
pub(crate) fn may_carry_tokens(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Where an EC2 instance, an ECS task and an EKS pod find their IAM credentials: on the machine's own link, in plain HTTP.
/// No session's token ever goes there: [`may_carry_tokens`] says no.
#[cfg(all(feature = "rustls", not(target_os = "android")))]
pub(crate) fn is_aws_metadata(url: &Url) -> bool {
    const HOSTS: [&str; 5] = [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "[fd00:ec2::254]",
        "[fd00:ec2::23]",
    ];
    cfg!(feature = "admin") && url.scheme() == "http" && url.host_str().is_some_and(|host| HOSTS.contains(&host))
}

/// `localhost` counts: RFC 6761, section 6.3, has it resolve to loopback addresses.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(all(test, feature = "rustls", feature = "admin"))]
mod tests {
    use super::*;

    #[test]
    fn plain_http_leads_to_awss_metadata_and_takes_no_token_there() {
        let url = |url: &str| Url::parse(url).unwrap();
        for metadata in [
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.2/v2/credentials",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::254]/latest/api/token",
            "http://[fd00:ec2::23]/v1/credentials",
        ] {
            assert!(
                is_aws_metadata(&url(metadata)) && !may_carry_tokens(&url(metadata)),
                "{metadata}"
            );
        }
        for other in [
            "http://169.254.169.253/",
            "http://169.254.169.254.example/",
            "http://user@10.0.0.1/",
            "ftp://169.254.169.254/",
        ] {
            assert!(!is_aws_metadata(&url(other)), "{other}");
        }
    }
}
