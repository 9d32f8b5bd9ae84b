package dev.cognitosignout

import kotlinx.coroutines.awaitCancellation
import java.util.Collections

/** The app's own steps of a scenario. */
class TestAppSteps(private val saw: MutableList<String>) {
    /** What they were told, in order. */
    val told: MutableList<String> = Collections.synchronizedList(mutableListOf())
    private var words: List<Words> = emptyList()

    /** From now on the app has the steps that [words] describe. */
    fun set(words: List<Words>) {
        this.words = words
    }

    /** The steps of a process, whose [Auth] is [auth]. */
    fun of(auth: () -> Auth): List<AppStep> = words.map { step ->
        val (name, does) = step.text("name")!! to (step.text("does") ?: "well")
        val phase = Phase.valueOf((step.text("phase") ?: "while_token_lives").uppercase())
        val limit = step.millis("time_limit")
        step.allRead()
        AppStep(name, phase, limit) { session ->
            told += told(name, session)
            when (does) {
                "well" -> Unit
                "fails" -> throw AppStepException("for the test")
                "leaks" -> throw AppStepException("sent ${session.accessToken!!.reveal()}")
                "throws" -> thrown()
                "hangs" -> awaitCancellation()
                "calls_back" -> saw += auth().session().name
                "signs_out" -> auth().signOut()
                else -> told += "no step: $does"
            }
        }
    }
}

/** As `push_token lives again`. */
private fun told(name: String, session: LeavingSession): String = listOfNotNull(
    name,
    session.tokenState.name.lowercase(),
    "with_tokens".takeIf { session.accessToken != null && session.idToken != null },
    "again".takeIf { session.again },
    "signed_in_since".takeIf { session.signedInSince },
).joinToString(" ")
