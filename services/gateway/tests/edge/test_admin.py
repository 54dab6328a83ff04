import pytest

from uchat_gateway.app import create_admin
from uchat_gateway.ports.accounts import EmailTakenError
from uchat_platform.errors import InvalidInputError

pytestmark = pytest.mark.integration


async def test_an_administrator_is_made_on_the_command_line_and_may_everything(settings, gateway):
    account = await create_admin(settings, "root@example.com", "Correct1horse", "Root")
    assert account.role == "admin"
    tokens = (await gateway.login("root@example.com")).json()
    assert tokens["user_id"] == account.person_id
    assert tokens["role"] == "admin"
    assert "admin:*" in tokens["permissions"]
    with pytest.raises(EmailTakenError):
        await create_admin(settings, "ROOT@example.com", "Correct1horse", "Root")


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [("root", "Correct1horse", "invalid_email"), ("root@example.com", "weak", "weak_password")],
)
async def test_an_administrator_needs_a_good_password(settings, email, password, code):
    with pytest.raises(InvalidInputError) as refused:
        await create_admin(settings, email, password, "Root")
    assert refused.value.code == code
