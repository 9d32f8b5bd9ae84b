package dev.cognitosignout.android

import dev.cognitosignout.HostedUI
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.After
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.w3c.dom.Element
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** A sign-out where the page, or the app, is not in the task where it is usually. */
class TasksTest : OnAndroid() {
    private val phone = FakePhone()
    private val auth by lazy {
        val hostedUI = HostedUI("auth.example.com", listOf(SignOutUri(REDIRECT)))
        AndroidAuth.create(app, server.config { hostedUI(hostedUI) })
    }

    @After
    fun close() = auth.close()

    @Test
    fun `a browser's page in a task of its own comes back to the app's task`() {
        browserWithoutTabs()
        phone.open()
        val result = signOut {
            assertEquals(listOf(listOf("MainActivity", "SignOutActivity"), listOf("page")), phone.stacks())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf(listOf("page"), listOf("MainActivity")), phone.stacks())
    }

    @Test
    fun `a user who leaves the browser's task for the app has cancelled`() {
        browserWithoutTabs()
        phone.open()
        val result = signOut { phone.switchTask() }
        assertCancelled(result)
        assertEquals(listOf(listOf("page"), listOf("MainActivity")), phone.stacks())
    }

    /** A Custom Tab does not tell the app that it still exists. */
    @Test
    fun `a user who makes the tab small has cancelled, and its later redirect changes nothing`() {
        phone.open()
        val result = signOut { phone.minimiseTab() }
        assertCancelled(result)
        phone.redirect(REDIRECT)
        assertEquals(listOf(listOf("page"), listOf("MainActivity")), phone.stacks())
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `an app whose activity has no task affinity comes back to the front`() {
        phone.declareMain { taskAffinity = null }
        phone.open()
        val result = signOut {
            assertEquals(listOf(listOf("MainActivity"), listOf("SignOutActivity", "page")), phone.stacks())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf(listOf("MainActivity")), phone.stacks())
    }

    @Test
    fun `with two windows the page opens in the one in front`() {
        phone.open()
        phone.openAnotherWindow()
        phone.switchTask()
        val result = signOut {
            assertEquals(listOf(listOf("MainActivity"), listOf("MainActivity", "SignOutActivity", "page")), phone.stacks())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf(listOf("MainActivity"), listOf("MainActivity")), phone.stacks())
    }

    @Test
    fun `a redirect while the other window is in front finishes the sign-out, and the page stays until it is closed`() {
        phone.open()
        phone.openAnotherWindow()
        val result = signOut {
            phone.switchTask()
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf(listOf("MainActivity", "SignOutActivity", "page"), listOf("MainActivity")), phone.stacks())
        phone.switchTask()
        phone.closeTab()
        assertEquals(listOf(listOf("MainActivity"), listOf("MainActivity")), phone.stacks())
    }

    /** From Android 11 an app sees only the apps that its manifest asks for. */
    @Test
    fun `the merged manifest asks for browsers`() {
        val file = File(System.getProperty("out"), "cognito-signout-android-classes/app/AndroidManifest.xml")
        val manifest = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file)
        val queries = manifest.getElementsByTagName("queries").item(0) as Element
        fun all(tag: String, attribute: String) = queries.getElementsByTagName(tag).let { found ->
            List(found.length) { (found.item(it) as Element).getAttribute("android:$attribute") }
        }
        assertEquals(listOf("android.intent.action.VIEW"), all("action", "name"))
        assertEquals(listOf("android.intent.category.BROWSABLE"), all("category", "name"))
        assertEquals(listOf("https"), all("data", "scheme"))
    }

    private fun browserWithoutTabs() {
        phone.uninstall(FakePhone.CHROME)
        phone.install("org.lineageos.jelly", customTabs = false)
    }

    private fun assertCancelled(result: SignOutResult) =
        assertEquals("hosted_ui_cancelled", assertInstanceOf(SignOutResult.Failed::class.java, result).exception.code)

    /** Signs out a user of the hosted pages. [meanwhile] acts after the page was opened. */
    private fun signOut(meanwhile: () -> Unit): SignOutResult = runBlocking {
        auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
        val signingOut = async(Dispatchers.Default) { auth.signOut() }
        phone.nextTab()
        meanwhile()
        withTimeout(20_000) { signingOut.await() }
    }
}
