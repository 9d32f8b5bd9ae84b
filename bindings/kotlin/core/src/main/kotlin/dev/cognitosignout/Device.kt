package dev.cognitosignout

/**
 * A device that Cognito remembers for a user. It stays on record after a sign-out.
 *
 * @property key `DEVICE_KEY`. Refreshing the tokens of a remembered device requires it.
 * @property groupKey `DEVICE_GROUP_KEY`.
 * @property password the device's password.
 */
public class Device(public val key: String, public val groupKey: String, public val password: Secret) {
    override fun toString(): String = "Device(key=$key)"
}
