//! Checks Web Push endpoints. Anyone can register a device with any endpoint, and the request comes from
//! inside the project's network: only addresses of push services are allowed.
//!
//! The check accepts less than the URL standard: only what all parsers read alike.

/// Hosts of push services; a leading dot includes all hosts below.
const PUSH_SERVICES: [&str; 4] = [
    // Chrome and its derivatives
    "fcm.googleapis.com",
    // Firefox: updates.push.services.mozilla.com
    ".push.services.mozilla.com",
    // Safari: web.push.apple.com
    ".push.apple.com",
    // Edge: wns2-….notify.windows.com
    ".notify.windows.com",
];
/// Longest endpoint; more than four times what push services use today.
const MAX_BYTES: usize = 2_048;

/// Whether the endpoint belongs to a known push service or to one of the further hosts (`host` or
/// `host:port`, compared exactly, also without TLS).
pub(super) fn is_allowed(endpoint: &str, further_hosts: &[String]) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\@#\"'<>^`{|}".contains(&byte);
    if endpoint.len() > MAX_BYTES || !endpoint.bytes().all(is_plain) {
        return false;
    }
    let (is_https, rest) = match (
        endpoint.strip_prefix("https://"),
        endpoint.strip_prefix("http://"),
    ) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return false,
    };
    let Some((authority, _)) = rest.split_once('/') else {
        return false;
    };
    // URL parsers skip an empty authority and take the path for the host.
    if authority.is_empty() {
        return false;
    }
    further_hosts.iter().any(|host| host == authority)
        || is_https && is_push_service(authority.strip_suffix(":443").unwrap_or(authority))
}

fn is_push_service(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    host.len() <= 253
        && host.split('.').all(is_label)
        && PUSH_SERVICES
            .iter()
            .any(|service| host == *service || service.starts_with('.') && host.ends_with(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_the_push_services_of_browsers() {
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/fKx8:APA91bE_x-y",
            "https://fcm.googleapis.com/wp/fKx8:APA91bE_x-y",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk~x=",
            "https://web.push.apple.com/QGuQyavXutnMH_9-x",
            "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD%2fx%2b%3d",
            "https://fcm.googleapis.com:443/wp/x",
            "https://xn--bcher-kva.notify.windows.com/w/",
        ] {
            assert!(is_allowed(endpoint, &[]), "{endpoint}");
        }
    }

    #[test]
    fn rejects_all_other_endpoints() {
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(MAX_BYTES));
        for endpoint in [
            "",
            "https://",
            "https:///",
            "https:///fcm.googleapis.com/wp/x",
            "https://fcm.googleapis.com",
            "https://fcm.googleapis.com?x=/",
            "https://fcm.googleapis.com#/",
            "https://fcm.googleapis.com/wp/x#y",
            "http://fcm.googleapis.com/wp/x",
            "HTTPS://fcm.googleapis.com/wp/x",
            "https:fcm.googleapis.com/wp/x",
            "https:/fcm.googleapis.com/wp/x",
            "//fcm.googleapis.com/wp/x",
            "wss://fcm.googleapis.com/wp/x",
            "file:///etc/passwd",
            "data:text/plain,x",
            "javascript:alert(1)//https://fcm.googleapis.com/",
            // other hosts
            "https://example.com/fcm.googleapis.com/",
            "https://example.com/?https://fcm.googleapis.com/",
            "https://fcm.googleapis.com.example.com/wp/x",
            "https://evilfcm.googleapis.com/wp/x",
            "https://x.fcm.googleapis.com/wp/x",
            "https://push.apple.com/x",
            "https://.push.apple.com/x",
            "https://evilpush.apple.com/x",
            "https://googleapis.com/wp/x",
            "https://storage.googleapis.com/x",
            "https://windows.com/w/",
            "https://fcm-googleapis-com.example/wp/x",
            "https://fcm\u{3002}googleapis.com/wp/x",
            "https://fcm.googleapis.c\u{43e}m/wp/x",
            "https://ﬁcm.googleapis.com/wp/x",
            // userinfo
            "https://fcm.googleapis.com@example.com/",
            "https://fcm.googleapis.com:443@example.com/",
            "https://example.com@fcm.googleapis.com/wp/x",
            "https://a:b@fcm.googleapis.com/wp/x",
            "https://fcm.googleapis.com%40example.com/",
            "https://fcm.googleapis.com/wp/x@example.com",
            // ambiguous for parsers
            "https://example.com\\.fcm.googleapis.com/wp/x",
            "https://example.com\\@fcm.googleapis.com/wp/x",
            "https:\\\\fcm.googleapis.com\\wp",
            "https://example.com#.fcm.googleapis.com/wp/x",
            "https://example.com?.fcm.googleapis.com/wp/x",
            "https://example.com;.fcm.googleapis.com/wp/x",
            "https://example.com,fcm.googleapis.com/wp/x",
            "https://%65xample.com/x",
            "https://fcm%2egoogleapis.com/wp/x",
            " https://fcm.googleapis.com/wp/x",
            "https://fcm.googleapis.com/wp/x ",
            "https://fcm.googleapis.com /wp/x",
            "https://fcm.googleapis.com\t/wp/x",
            "https://exam\nple.com/.fcm.googleapis.com/",
            "https://fcm.googleapis.com/wp/x\r\nhost: example.com",
            "https://fcm.googleapis.com/\0",
            "https://fcm.googleapis.com/\u{7f}",
            "https://fcm.googleapis.com/é",
            // dots and case
            "https://fcm.googleapis.com./wp/x",
            "https://.fcm.googleapis.com/wp/x",
            "https://a..fcm.googleapis.com/wp/x",
            "https://FCM.googleapis.com/wp/x",
            "https://-a.push.apple.com/x",
            "https://a-.push.apple.com/x",
            // ports
            "https://fcm.googleapis.com:80/wp/x",
            "https://fcm.googleapis.com:8443/wp/x",
            "https://fcm.googleapis.com:/wp/x",
            "https://fcm.googleapis.com:0443/wp/x",
            "https://fcm.googleapis.com:443:443/wp/x",
            "https://fcm.googleapis.com:22:443/wp/x",
            // addresses
            "https://127.0.0.1/x",
            "https://localhost/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://[::1]/x",
            "https://[::ffff:169.254.169.254]/x",
            "https://[fcm.googleapis.com]/wp/x",
            "https://[::1].fcm.googleapis.com/wp/x",
            "https://169.254.169.254/latest/meta-data/",
            &long,
        ] {
            assert!(!is_allowed(endpoint, &[]), "{endpoint}");
        }
    }

    #[test]
    fn compares_further_hosts_exactly() {
        let hosts = ["127.0.0.1:9000", "[::1]:9000", "push.example.org", ""].map(str::to_owned);
        for endpoint in [
            "http://127.0.0.1:9000/wpush/x",
            "https://127.0.0.1:9000/wpush/x",
            "http://[::1]:9000/x",
            "https://push.example.org/x",
            "https://fcm.googleapis.com/wp/x",
        ] {
            assert!(is_allowed(endpoint, &hosts), "{endpoint}");
        }
        for endpoint in [
            "http://127.0.0.1/x",
            "http://127.0.0.1:90000/x",
            "http://127.0.0.1:9000",
            "http://127.0.0.1:9000@example.com/x",
            "http://x@127.0.0.1:9000/x",
            "http://a.127.0.0.1:9000/x",
            "https://push.example.org:443/x",
            "https://push.example.org./x",
            "https://a.push.example.org/x",
            "https:///example.com/x",
            "http:///example.com/x",
            "ftp://push.example.org/x",
            "http://fcm.googleapis.com/wp/x",
        ] {
            assert!(!is_allowed(endpoint, &hosts), "{endpoint}");
        }
    }
}
