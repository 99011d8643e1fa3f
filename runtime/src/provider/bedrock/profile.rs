//! Profiles of AWS's tools: in which files they are, by what an environment says, and what region one of them has. AWS's crates read what is in them.
//! Knows no credential.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};

use crate::error::{Error, Result};

/// The files with profiles, and the profile that is used.
#[derive(Clone, Debug)]
pub(crate) struct Profiles {
    name: String,
    files: Vec<(EnvConfigFileKind, PathBuf)>,
}

impl Profiles {
    /// The profile of this name, else of that in `AWS_PROFILE`, else that called `default`.
    pub(crate) fn find(name: Option<&str>, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let name = name.map(ToOwned::to_owned).or_else(|| environment("AWS_PROFILE").filter(|name| !name.is_empty()));
        let home = environment("HOME").or_else(|| environment("USERPROFILE")).map(PathBuf::from);
        let path = |variable: &str, usual: &str| {
            let path = environment(variable).filter(|path| !path.is_empty()).unwrap_or_else(|| format!("~/.aws/{usual}"));
            match path.strip_prefix("~/") {
                Some(below) => home.as_ref().map(|home| home.join(below)),
                None => Some(PathBuf::from(path)),
            }
        };
        let files = [
            (EnvConfigFileKind::Config, path("AWS_CONFIG_FILE", "config")),
            (EnvConfigFileKind::Credentials, path("AWS_SHARED_CREDENTIALS_FILE", "credentials")),
        ];
        let files = files.into_iter().filter_map(|(kind, path)| Some((kind, path?))).collect();
        Self { name: name.unwrap_or_else(|| "default".to_owned()), files }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What is in the files now. One that is not there is empty.
    pub(super) fn read(&self) -> Result<EnvConfigFiles> {
        let mut files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, "");
        for (kind, path) in &self.files {
            match std::fs::read_to_string(path) {
                Ok(text) => files = files.with_contents(*kind, text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::argument(format!("{} cannot be read: {error}", path.display())).with_source(error)),
            }
        }
        Ok(files.build())
    }

    /// The region of the profile, or of the profile that it is based on.
    pub(crate) fn region(&self) -> Result<Option<String>> {
        let config = ProviderConfig::without_region();
        let builder = ProfileFileRegionProvider::builder().configure(&config);
        let provider = builder.profile_files(self.read()?).profile_name(&self.name).build();
        // Everything has been read: there is nothing left to wait for.
        let region = match pin!(provider.region()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(region) => region,
            Poll::Pending => return Err(Error::argument("the region of the AWS profile cannot be found at once: set region")),
        };
        Ok(region.map(|region| region.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_smithy_types::DateTime;
    use aws_smithy_types::date_time::Format;

    use super::super::tests::{builder, ok, run};
    use crate::testing::ScriptedTransport;
    use crate::{Bedrock, Client, ClientBuilder, Result};

    const CONFIG: &str = "
[default]
region = eu-west-1

[profile work]
region = ap-south-1

[profile based]
source_profile = work
role_arn = arn:aws:iam::123456789012:role/r

[profile odd]
region = nowhere

[profile bare]
output = json
";
    const CREDENTIALS: &str = "
[work]
aws_access_key_id = AKIDWORK
aws_secret_access_key = s3cret
aws_session_token = st
";

    type Configure = fn(ClientBuilder<Client, Bedrock>) -> ClientBuilder<Client, Bedrock>;

    /// A folder in which both files are, as AWS's tools have them.
    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        std::fs::write(home.path().join(".aws/config"), CONFIG).unwrap();
        std::fs::write(home.path().join(".aws/credentials"), CREDENTIALS).unwrap();
        home
    }

    /// A client with these variables in its environment, in which `~` stands for the folder.
    fn client(
        transport: &ScriptedTransport,
        home: &tempfile::TempDir,
        configure: Configure,
        variables: &'static [(&'static str, &'static str)],
    ) -> Result<Client> {
        let home = home.path().display().to_string();
        let lookup = move |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some(value.replace('~', &home))
        };
        configure(builder(transport).env(lookup)).build()
    }

    /// The region of a client's base URL, or why there is no client.
    #[track_caller]
    fn check(configure: Configure, variables: &'static [(&'static str, &'static str)], expect: std::result::Result<&str, &str>) {
        match (client(&ok(), &home(), configure, variables), expect) {
            (Ok(client), Ok(region)) => assert_eq!(client.base_url(), format!("https://bedrock-mantle.{region}.api.aws/openai/v1")),
            (Err(error), Err(words)) => assert!(error.is_argument() && error.message().contains(words), "{error}"),
            (found, expect) => panic!("{found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn a_region_that_is_set_nowhere_else_is_that_of_the_profile() {
        let keys: Configure = |b| b.access_key("AKID", "s");
        check(keys, &[("HOME", "~")], Ok("eu-west-1"));
        check(|b| b, &[("HOME", "~")], Ok("eu-west-1"));
        check(keys, &[("HOME", "~"), ("AWS_PROFILE", "work")], Ok("ap-south-1"));
        check(|b| b.profile("work"), &[("HOME", "~"), ("AWS_PROFILE", "default")], Ok("ap-south-1"));
        check(|b| b.profile("based"), &[("HOME", "~")], Ok("ap-south-1"));
        check(keys, &[("AWS_CONFIG_FILE", "~/.aws/config")], Ok("eu-west-1"));
        check(keys, &[("AWS_CONFIG_FILE", "~/none"), ("HOME", "~")], Err("AWS_REGION"));
        check(keys, &[("HOME", "~/none")], Err("region in the AWS profile"));
        check(keys, &[], Err("region in the AWS profile"));
        check(|b| b.profile("bare"), &[("HOME", "~")], Err("region in the AWS profile"));
        check(|b| b.profile("unknown"), &[("HOME", "~")], Err("region in the AWS profile"));
        check(|b| b.profile("odd"), &[("HOME", "~")], Err("no region"));
    }

    #[test]
    fn what_is_set_comes_before_the_profile() {
        check(|b| b.profile("work").region("us-east-1"), &[("HOME", "~"), ("AWS_REGION", "us-east-2")], Ok("us-east-1"));
        check(|b| b.profile("work"), &[("HOME", "~"), ("AWS_REGION", "us-east-2"), ("AWS_DEFAULT_REGION", "us-west-1")], Ok("us-east-2"));
        check(|b| b.profile("work"), &[("HOME", "~"), ("AWS_DEFAULT_REGION", "us-west-1")], Ok("us-west-1"));
        check(|b| b.profile("work").base_url("https://bedrock-mantle.us-west-2.api.aws/openai/v1"), &[("HOME", "~")], Ok("us-west-2"));
    }

    #[test]
    fn profiles_are_of_no_concern_to_a_bearer_token() {
        check(|b| b.api_key("t"), &[("HOME", "~")], Err("AWS_REGION"));
        check(|b| b, &[("HOME", "~"), ("AWS_BEARER_TOKEN_BEDROCK", "t")], Err("AWS_REGION"));
    }

    #[test]
    fn the_keys_of_a_profile_that_is_asked_for_come_before_those_of_the_environment() {
        let (transport, home) = (ok(), home());
        let variables = &[("HOME", "~"), ("AWS_BEARER_TOKEN_BEDROCK", "t")];
        let client = client(&transport, &home, |b| b.profile("work"), variables).unwrap();
        run(client.get("/models").into_future()).unwrap();
        let request = &transport.requests()[0];
        let authorization = request.header("authorization");
        assert!(authorization.contains("Credential=AKIDWORK/") && authorization.contains("/ap-south-1/bedrock-mantle/"), "{authorization}");
        assert_eq!(request.header("x-amz-security-token"), "st");
        assert!(!format!("{client:?}").contains("s3cret"));
    }

    /// A program that gives keys with an end, which is how people use hardware keys and vaults.
    #[cfg(unix)]
    #[test]
    fn keys_that_end_are_kept_until_shortly_before_and_got_anew_then() {
        let (transport, home) = (ok(), home());
        let path = |name: &str| home.path().join(name).display().to_string();
        let end = DateTime::from(SystemTime::now() + Duration::from_secs(3600)).fmt(Format::DateTime).unwrap();
        let keys = format!(r#"{{"Version":1,"AccessKeyId":"AKIDn","SecretAccessKey":"s","SessionToken":"st","Expiration":"{end}"}}"#);
        std::fs::write(path("keys.json"), keys).unwrap();
        // Each run writes a line more, and gives keys with that number.
        let program = "cd \"$(dirname \"$0\")\"; echo >> runs; sed \"s/AKIDn/AKID$(grep -c '' runs)/\" keys.json\n";
        std::fs::write(path("keys.sh"), program).unwrap();
        let profile = format!("{CONFIG}\n[profile vault]\nregion = us-east-1\ncredential_process = sh {}\n", path("keys.sh"));
        std::fs::write(home.path().join(".aws/config"), profile).unwrap();
        let client = client(&transport, &home, |b| b.profile("vault"), &[("HOME", "~")]).unwrap();
        for (seconds, expect) in [(0, "AKID1"), (3000, "AKID1"), (400, "AKID2")] {
            transport.clock().advance(Duration::from_secs(seconds));
            run(client.get("/models").into_future()).unwrap();
            let requests = transport.requests();
            let authorization = requests.last().unwrap().header("authorization");
            assert!(authorization.contains(&format!("Credential={expect}/")), "{authorization}");
        }
    }
}
