package dev.cognitosignout

/**
 * What [Auth.resume] found at launch.
 *
 * @property settled the outcome of each debt of an earlier sign-out, the oldest first. A debt that could not be paid is
 *   [SignOutResult.Partial.kept] and tried again. The exception is a debt that a retry cannot pay, or that is past its age:
 *   it is removed from the record, and only this list reports it.
 * @property webStep a web step was in progress when the process ended: the user is still signed in. If the callback has
 *   arrived, pass it to [Auth.finishSignOut]; otherwise show the page again. After its time is over, any answer ends the
 *   sign-out with `hosted_ui_timed_out`.
 */
public class Resumed internal constructor(
    public val settled: List<SignOutResult>,
    public val webStep: WebVisit?,
) {
    override fun toString(): String = "Resumed(settled=$settled, webStep=$webStep)"
}
