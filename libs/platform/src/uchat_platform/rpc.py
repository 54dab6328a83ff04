"""gRPC as all services use it: a signed actor, the trace, deadlines, and errors with codes."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import grpc
import grpc.aio
from google.protobuf.descriptor import ServiceDescriptor
from opentelemetry.trace import SpanKind

from uchat_platform import logging, telemetry
from uchat_platform.auth import Actor, ActorSigner, ActorVerifier, SignedActor
from uchat_platform.errors import FAMILIES, NotPermittedError, UchatError, UnavailableError

_ACTOR = "x-uchat-actor"
_CODE = "uchat-code"
_MAX_MESSAGE = 16 * 1024 * 1024

_STATUS = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.ABORTED,
    410: grpc.StatusCode.FAILED_PRECONDITION,
    413: grpc.StatusCode.OUT_OF_RANGE,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
}
_FAMILY = {_STATUS[family.status]: family for family in FAMILIES}
_CURRENT: ContextVar[SignedActor] = ContextVar("uchat_actor")
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Requires:
    """Who may call a method: these services, for an actor with this permission (None: any).

    `permission` is checked by roles as `permissions` maps them; a service on its own behalf passes
    only where `on_own_behalf` says so.
    """

    services: frozenset[str]
    roles: frozenset[str] = frozenset()
    on_own_behalf: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """A servicer, the generated function that adds it, and its descriptor."""

    add: Callable[[Any, Any], None]
    servicer: object
    descriptor: ServiceDescriptor


class UndeclaredMethodError(UchatError):
    """A gRPC method declares nobody who may call it: the server does not start."""

    default_code = "undeclared_method"


def current_actor() -> SignedActor:
    """Return who makes the call that is being handled."""
    return _CURRENT.get()


@asynccontextmanager
async def server(
    registrations: Sequence[Registration],
    requires: Mapping[str, Requires],
    verifier: ActorVerifier,
    bind: str,
    port: int,
) -> AsyncGenerator[int]:
    """Serve until the block ends, then finish calls in flight (2 s). Yields the port.

    `requires` names each method as `/package.Service/Method`.

    Raises:
        UndeclaredMethodError: a method is not in `requires`.
        UnavailableError: the port is taken.
    """
    for registration in registrations:
        for method in registration.descriptor.methods:
            name = f"/{registration.descriptor.full_name}/{method.name}"
            if name not in requires:
                raise UndeclaredMethodError(f"{name} declares nobody who may call it")
    instance = grpc.aio.server(  # pyright: ignore[reportUnknownMemberType] - stubs lack types
        interceptors=[_ServerInterceptor(requires, verifier)],
        options=[
            ("grpc.max_receive_message_length", _MAX_MESSAGE),
            ("grpc.so_reuseport", 0),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", 5000),
        ],
    )
    for registration in registrations:
        registration.add(registration.servicer, instance)
    try:
        bound = instance.add_insecure_port(f"{bind}:{port}")
    except RuntimeError as e:
        raise UnavailableError(f"Port {port} is taken", code="port_taken") from e
    await instance.start()
    try:
        yield bound
    finally:
        await instance.stop(grace=2)


_Handler = Callable[[Any, Any], Awaitable[Any]]


class _ServerInterceptor(grpc.aio.ServerInterceptor):  # pyright: ignore[reportMissingTypeArgument] - generic in stubs only
    def __init__(self, requires: Mapping[str, Requires], verifier: ActorVerifier) -> None:
        self._requires = requires
        self._verifier = verifier

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        name: str = handler_call_details.method
        metadata: dict[str, str] = dict(handler_call_details.invocation_metadata or ())

        async def call(request: Any, context: Any) -> Any:
            return await self._call(handler.unary_unary, name, metadata, request, context)

        return cast("Any", grpc).unary_unary_rpc_method_handler(
            call,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    async def _call(
        self, inner: _Handler, name: str, metadata: dict[str, str], request: Any, context: Any
    ) -> Any:
        with telemetry.span(
            name.rpartition("/")[2], kind=SpanKind.SERVER, context=telemetry.extract(metadata)
        ):
            try:
                signed = self._verifier.verify(metadata.get(_ACTOR, ""))
                _allow(self._requires[name], signed, name)
                _CURRENT.set(signed)
                return await inner(request, context)
            except UchatError as e:
                await _abort(context, e)
            except (OSError, TimeoutError) as e:
                _log.warning("dependency_away", method=name, error=repr(e))
                await _abort(context, UnavailableError("A dependency is away; try again"))


def _allow(requires: Requires, signed: SignedActor, name: str) -> None:
    if signed.service not in requires.services:
        raise NotPermittedError(f"{signed.service!r} may not call {name}")
    if signed.actor.is_service:
        if not requires.on_own_behalf:
            raise NotPermittedError(f"{name} needs a person")
        return
    if requires.roles and not requires.roles & signed.actor.roles:
        raise NotPermittedError("Your role does not allow this", code="role_forbidden")


async def _abort(context: Any, error: UchatError) -> None:
    status = _STATUS.get(error.status, grpc.StatusCode.INTERNAL)
    await context.abort(status, error.detail, trailing_metadata=((_CODE, error.code),))


def channel(target: str, *, retries: bool = True) -> grpc.aio.Channel:
    """Open a channel that spreads calls over all addresses of the target and reconnects quickly.

    `target`: `ipv4:127.0.0.1:5001,127.0.0.1:5002` or `dns:///sessions:50051`. Without `retries`
    the library never sends a call twice.
    """
    return grpc.aio.insecure_channel(
        target,
        options=[
            ("grpc.lb_policy_name", "round_robin"),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.keepalive_time_ms", 10_000),
            ("grpc.keepalive_timeout_ms", 3_000),
            ("grpc.max_receive_message_length", _MAX_MESSAGE),
            ("grpc.enable_http_proxy", 0),
            ("grpc.enable_retries", int(retries)),
        ],
    )


_RequestT = TypeVar("_RequestT", contravariant=True)  # noqa: PLC0105
_ResponseT = TypeVar("_ResponseT", covariant=True)  # noqa: PLC0105


class Method(Protocol[_RequestT, _ResponseT]):
    """A stub's method, as `SessionsStub(channel).ReadLog`."""

    def __call__(
        self,
        request: _RequestT,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        wait_for_ready: bool | None = None,
    ) -> Awaitable[_ResponseT]:
        """Start the call."""
        ...


async def call(
    method: Method[_RequestT, _ResponseT],
    request: _RequestT,
    *,
    signer: ActorSigner,
    actor: Actor,
    timeout_s: float = 2.0,
    wait_for_ready: bool = False,
) -> _ResponseT:
    """Call a method for an actor, within the current trace.

    Raises:
        UchatError: the family and code that the server raised; UnavailableError if it is away or
            slower than `timeout_s`.
    """
    headers = dict(telemetry.inject({_ACTOR: signer.sign(actor)}))
    try:
        return await method(
            request,
            timeout=timeout_s,
            metadata=tuple(headers.items()),
            wait_for_ready=wait_for_ready,
        )
    except grpc.aio.AioRpcError as e:
        raise _as_error(e) from e


def _as_error(error: grpc.aio.AioRpcError) -> UchatError:
    status = error.code()
    trailing: dict[str, str] = dict(cast("Any", error.trailing_metadata()) or ())
    family = _FAMILY.get(status)
    if family is not None and _CODE in trailing:
        return family(error.details() or "", code=trailing[_CODE])
    if status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return UnavailableError("A service did not answer in time; try again")
    return UchatError(f"A call failed: {status.name}")
