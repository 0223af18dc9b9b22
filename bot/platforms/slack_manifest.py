"""The app manifest that this build needs, for an operator to paste at api.slack.com/apps."""

from typing import Any, Final

from bot.core.world import World

#: What the bot may do in a workspace; each is used.
SCOPES: Final = (
    "app_mentions:read",  # answered in the thread
    "assistant:write",  # suggested prompts in the messages tab
    "chat:write",
    "commands",
    "files:write",  # receipts, and what is handed out
    "im:history",  # direct messages to the bot, and no others
    "im:write",
    "users:read",  # the language that somebody's Slack is set to, as a first guess
)

#: What Slack tells.
EVENTS: Final = ("app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked")

#: The one path for events, interactivity and commands; and the two of an installation.
PATH: Final = "/slack/events"
INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"

ASK_ABOUT: Final = "ask_about_this"
COMMAND: Final = "/privacy"


def manifest(world: World, public_url: str, *, socket: bool) -> dict[str, Any]:
    """The manifest; ``socket``: events come over a connection of ours, else to ``public_url``, where it is installed.

    Slack has no translations for an app's own name and menus, so these are English; what the assistant says is not.
    """
    say = world.say
    name = say("en", "Privacy assistant")
    description = say("en", "Answers questions about privacy. An automated assistant, not a person.")
    url = {} if socket else {"request_url": f"{public_url}{PATH}"}
    redirects = {"redirect_urls": [f"{public_url}{REDIRECT}"]} if public_url else {}
    command_url = {} if socket else {"url": f"{public_url}{PATH}"}
    return {
        "display_information": {"name": name, "description": description},
        "features": {
            "agent_view": {"agent_description": description},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [
                {
                    "name": say("en", "Ask about this"),
                    "type": "message",
                    "callback_id": ASK_ABOUT,
                    "description": say("en", "Asks the privacy assistant about this message"),
                }
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": say("en", "Ask the privacy assistant"),
                    "usage_hint": say("en", "what do you store about me"),
                    "should_escape": False,
                    **command_url,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}, **redirects},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **url},
            "interactivity": {"is_enabled": True, **url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }
