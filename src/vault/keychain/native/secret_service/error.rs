//! What an error of the Secret Service means.

use keyring_core::Error;
use secret_service::Error as ServiceError;

use crate::vault::VaultError;

/// The error as keyring-core's own store for this service has it.
pub(super) fn failure(error: ServiceError) -> Error {
    match error {
        ServiceError::Locked | ServiceError::NoResult | ServiceError::Prompt => Error::NoStorageAccess(error.into()),
        _ => Error::PlatformFailure(error.into()),
    }
}

/// Whether there is no such item any more.
pub(super) fn is_gone(error: &ServiceError) -> bool {
    let ServiceError::Zbus(zbus::Error::MethodError(name, _, _)) = error else {
        return false;
    };
    // GNOME Keyring says that the path does not have the interface.
    [
        "org.freedesktop.DBus.Error.UnknownInterface",
        "org.freedesktop.DBus.Error.UnknownMethod",
        "org.freedesktop.DBus.Error.UnknownObject",
        "org.freedesktop.Secret.Error.NoSuchObject",
    ]
    .contains(&name.as_str())
}

/// What it means, if keyring-core does not say it.
pub(in crate::vault::keychain) fn explain(error: &Error) -> Option<VaultError> {
    let (Error::PlatformFailure(error) | Error::NoStorageAccess(error)) = error else {
        return None;
    };
    let error = error.downcast_ref::<ServiceError>()?;
    match error {
        ServiceError::Unavailable => unavailable(error.to_string()),
        ServiceError::NoResult => unavailable("the Secret Service has no default collection"),
        ServiceError::Zbus(error) => explain_bus(error),
        ServiceError::ZbusFdo(error) => explain_standard(error),
        _ => None,
    }
}

fn explain_bus(error: &zbus::Error) -> Option<VaultError> {
    match error {
        zbus::Error::MethodError(name, _, _) => match name.as_str() {
            "org.freedesktop.Secret.Error.IsLocked" => Some(VaultError::Locked("the collection is locked".into())),
            "org.freedesktop.Secret.Error.NoSession" => unavailable("the Secret Service was restarted"),
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.NoReply" => unavailable("no Secret Service runs"),
            _ => None,
        },
        zbus::Error::FDO(error) => explain_standard(error),
        zbus::Error::InputOutput(why) => unavailable(format!("D-Bus: {why}")),
        _ => None,
    }
}

/// Reading a property gives these.
fn explain_standard(error: &zbus::fdo::Error) -> Option<VaultError> {
    use zbus::fdo::Error;
    match error {
        Error::ZBus(error) => explain_bus(error),
        Error::ServiceUnknown(_) | Error::NameHasNoOwner(_) | Error::NoReply(_) => {
            unavailable("no Secret Service runs")
        }
        _ => None,
    }
}

#[allow(clippy::unnecessary_wraps, reason = "each of its users returns an option")]
fn unavailable(why: impl Into<String>) -> Option<VaultError> {
    Some(VaultError::Unavailable(why.into()))
}
