package dev.cognitosignout.android

import android.content.Intent
import org.w3c.dom.Element
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** The activities in the AAR's manifest, so that the tests use the real manifest. */
class Manifest(scheme: String, host: String) {
    /** One activity, as the system knows it. */
    class Declared(val name: String, val exported: Boolean, val singleTask: Boolean, private val filter: Filter?) {
        fun answers(intent: Intent): Boolean = filter != null && intent.action in filter.actions &&
            "android.intent.category.DEFAULT" in filter.categories &&
            filter.categories.containsAll(intent.categories.orEmpty()) && intent.scheme in filter.schemes &&
            (filter.hosts.isEmpty() || intent.data?.host in filter.hosts)
    }

    /** An intent filter. Without a host, it matches every host. */
    class Filter(
        val actions: Set<String>,
        val categories: Set<String>,
        val schemes: Set<String>,
        val hosts: Set<String>,
    )

    val activities: List<Declared> = run {
        val text = File(System.getProperty("bindings"), "kotlin/android/src/main/aar/AndroidManifest.xml").readText()
        val merged = text.replace("\${cognitoSignOutScheme}", scheme)
            .replace("\${cognitoSignOutHost}", host).byteInputStream()
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(merged).documentElement.all("activity").map {
            Declared(
                it.say("name"), it.say("exported").toBooleanStrict(), it.say("launchMode") == "singleTask",
                it.all("intent-filter").singleOrNull()?.let(::filter),
            )
        }
    }

    private fun filter(of: Element) = Filter(
        of.all("action").map { it.say("name") }.toSet(),
        of.all("category").map { it.say("name") }.toSet(),
        of.all("data").map { it.say("scheme") }.toSet(),
        of.all("data").map { it.say("host") }.filter { it.isNotEmpty() }.toSet(),
    )

    private fun Element.all(tag: String): List<Element> =
        getElementsByTagName(tag).let { found -> List(found.length) { found.item(it) as Element } }

    private fun Element.say(attribute: String): String = getAttribute("android:$attribute")
}
