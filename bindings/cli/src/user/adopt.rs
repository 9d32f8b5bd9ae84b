//! Adopts a session from a dump of another library's store.

use cognito_signout::adopt::{AdoptError, AdoptedSession, Layout, StoredItems};
use cognito_signout::{Adoption, Auth, AuthConfig};

use crate::problem::Problem;
use crate::program::Output as _;
use crate::user::args::{Adopt, Library};
use crate::user::files;
use crate::user::output::{Output, Verdict};

pub(crate) async fn adopt(auth: &Auth, config: &AuthConfig, args: &Adopt) -> Output {
    let items = match items(args) {
        Ok(items) => items,
        Err(message) => return Output::usage(&message),
    };
    let session = match read(args, &items, config) {
        Ok(session) => session,
        Err(error) => {
            let problem = Problem::new(error.code(), &error.to_string(), error.recovery());
            return Output::with_error(Verdict::Failed, "adopt", problem.into());
        }
    };
    let (verdict, adoption) = match auth.adopt(session).await {
        Adoption::Adopted => (Verdict::Complete, "adopted"),
        Adoption::AlreadySignedIn => (Verdict::SignedIn, "already_signed_in"),
        Adoption::AlreadySignedOut => (Verdict::SignedOut, "already_signed_out"),
        Adoption::Refused(error) => return Output::failed("adopt", &error),
        _ => (Verdict::Failed, "unknown"),
    };
    Output {
        adoption: Some(adoption),
        ..Output::new(verdict)
    }
}

fn items(args: &Adopt) -> Result<StoredItems, String> {
    let (name, text) = files::read(&args.dump)?;
    let text = str::from_utf8(&text).map_err(|_| format!("{name}: not UTF-8"))?;
    StoredItems::from_json(text).map_err(|error| format!("{name}: {error}"))
}

fn read(args: &Adopt, items: &StoredItems, config: &AuthConfig) -> Result<AdoptedSession, AdoptError> {
    let read = |layout: Layout| layout.read(items, config, args.identity_pool.as_deref());
    match args.from {
        Library::AmplifySwift => read(Layout::AmplifySwift),
        Library::AmplifyAndroid => read(Layout::AmplifyAndroid),
        Library::AmplifyFlutter => read(Layout::AmplifyFlutter),
        Library::AmplifyJs => read(Layout::AmplifyJs),
        // The two layouts have no name in common.
        Library::AwsMobileClient => match read(Layout::AwsMobileClientIos) {
            Err(AdoptError::NobodySignedIn) => read(Layout::AwsMobileClientAndroid),
            read => read,
        },
    }
}
