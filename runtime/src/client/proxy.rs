//! Which proxy to use, and what the environment says about that. Opens no connection.

/// Which proxy to use.
#[derive(Default)]
#[cfg_attr(not(feature = "reqwest"), allow(dead_code, reason = "read by the reqwest transport"))]
pub(crate) enum ProxySetting {
    /// As the environment says; with the feature `system-proxy` and the environment of the process, the system's settings.
    #[default]
    System,
    /// None at all.
    None,
    /// This one for everything.
    Url(String),
    /// As this environment said.
    Environment(EnvironmentProxies),
}

/// Where machines in a cloud ask who they are. A proxy would answer for itself, so that it is never asked.
#[cfg_attr(not(feature = "reqwest"), allow(dead_code, reason = "read by the reqwest transport"))]
pub(crate) const METADATA_SERVICES: &str = "169.254.169.254,metadata.google.internal";

/// The proxies that an environment names. Its values may hold passwords.
#[cfg_attr(not(feature = "reqwest"), allow(dead_code, reason = "read by the reqwest transport"))]
pub(crate) struct EnvironmentProxies {
    pub(crate) http: Option<String>,
    pub(crate) https: Option<String>,
    pub(crate) no_proxy: Option<String>,
}

impl EnvironmentProxies {
    /// Reads the variables that `curl` and others read, in capitals or not.
    pub(crate) fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| [name.to_owned(), name.to_lowercase()].iter().find_map(|name| lookup(name)).filter(|url| !url.is_empty());
        let no_proxy = value("NO_PROXY");
        if no_proxy.as_ref().is_some_and(|hosts| hosts.split(',').any(|host| host.trim() == "*")) {
            return Self { http: None, https: None, no_proxy: None };
        }
        let all = value("ALL_PROXY");
        // In a CGI program this variable is a header of the request that it serves.
        let http = value("HTTP_PROXY").filter(|_| lookup("REQUEST_METHOD").is_none());
        Self { http: http.or_else(|| all.clone()), https: value("HTTPS_PROXY").or(all), no_proxy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], http: Option<&str>, https: Option<&str>) {
        let found =
            EnvironmentProxies::read(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()));
        assert_eq!((found.http.as_deref(), found.https.as_deref()), (http, https), "{variables:?}");
    }

    #[test]
    fn the_usual_variables_are_read() {
        check(&[], None, None);
        check(&[("HTTPS_PROXY", "a"), ("http_proxy", "b")], Some("b"), Some("a"));
        check(&[("all_proxy", "a"), ("HTTPS_PROXY", "")], Some("a"), Some("a"));
        check(&[("all_proxy", "a"), ("NO_PROXY", "h, *")], None, None);
        check(&[("ALL_PROXY", "a"), ("HTTP_PROXY", "b"), ("REQUEST_METHOD", "GET")], Some("a"), Some("a"));
    }
}
