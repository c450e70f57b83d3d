"""`reports/<ref>/comments/`: the discussion of a report."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from reports import validators
from reports.api.base import (
    REF_PARAMETER,
    LazySignInView,
    count_request,
    drop,
    elsewhere,
    find_report,
    keep_private,
    may_see,
    problems,
    signed_in,
    take_in,
)
from reports.api.pagination import MAX_PAGE_SIZE, page_of_newest
from reports.api.parsers import FormParser, JsonObjectParser
from reports.api.scopes import REPORTS
from reports.errors import DomainError
from reports.models import Comment, Organisation, Photo, Report
from reports.serializers import OrganisationNameSerializer, PhotoSerializer
from reports.services import comments

COMMENTS_SECONDS = 1
PAGING = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous` of an earlier page."),
    OpenApiParameter("page_size", OpenApiTypes.INT, description=f"1 to {MAX_PAGE_SIZE}, 20 unless told."),
]
ID_PARAMETER = OpenApiParameter(
    "comment_id", OpenApiTypes.INT, OpenApiParameter.PATH, description="The comment’s number."
)


class CommentSerializer(serializers.Serializer[Any]):
    """What somebody said about a report."""

    id = serializers.IntegerField()
    text = serializers.CharField()
    status = serializers.ChoiceField(
        choices=[Comment.Status.VISIBLE, Comment.Status.HELD],
        help_text="Its author may get `held`: it waits for a moderator, and nobody else sees it.",
    )
    name = serializers.SerializerMethodField(help_text="The author’s, if they chose to show it.")
    organisation = OrganisationNameSerializer(allow_null=True)
    photo = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)

    def get_name(self, comment: Comment) -> str | None:
        """Return the name that the author chose to show."""
        return comment.public_name or None

    @extend_schema_field(PhotoSerializer(allow_null=True))
    def get_photo(self, comment: Comment) -> Any:
        """Return the photo, if there is one that can be shown now or soon."""
        shown = comment.photo is not None and comment.photo.is_shown
        return PhotoSerializer(comment.photo).data if shown else None


class CommentPageSerializer(serializers.Serializer[Any]):
    """One page of comments and the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CommentSerializer(many=True)


class CommentTextSerializer(serializers.Serializer[Any]):
    """Other words for one's own comment."""

    text = serializers.CharField(trim_whitespace=False, help_text="Plain text, up to 2,000 characters.")

    def validate_text(self, text: str) -> str:
        """Apply the shared rules."""
        return validators.clean_comment(text)


class NewCommentSerializer(CommentTextSerializer):
    """What a person says; as a form, with one photo."""

    shows_name = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Without it, as the account says."
    )
    organisation = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Organisation.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        help_text="The organisation that somebody who works for it speaks for.",
        error_messages={
            "does_not_exist": _("Cet organisme n’existe pas."),
            "invalid": _("L’organisme s’écrit par son nom court."),
        },
    )
    photo = serializers.FileField(required=False, allow_null=True, default=None, allow_empty_file=True)

    def validate_photo(self, file: "validators.Upload | None") -> list[validators.Judged]:
        """Judge the photo by its header."""
        return validators.inspected([file]) if file is not None else []


def say(report: Report, user: User, facts: dict[str, Any]) -> Comment:
    """Add a comment; its photo is removed again where nothing new came of it.

    Raises:
        DomainError: the domain refused.
    """
    photos = take_in(facts["photo"] or [], Photo.Kind.COMMENT)
    shows_name = user.shows_name if facts["shows_name"] is None else facts["shows_name"]
    try:
        comment = comments.add_comment(
            report=report,
            text=facts["text"],
            author=user,
            shows_name=shows_name,
            organisation=facts["organisation"],
            photo=photos[0] if photos else None,
            language=get_language() or user.language,
        )
    except DomainError:
        drop(photos)
        raise
    if photos and comment.photo_id != photos[0].pk:
        drop(photos)
    return comment


@extend_schema(parameters=[REF_PARAMETER])
class CommentsView(LazySignInView):
    """The discussion of one report."""

    scopes: ClassVar = {"POST": (REPORTS,)}
    parser_classes = (JsonObjectParser, FormParser)

    @extend_schema(
        operation_id="comments_list",
        summary="Read what was said about a report",
        parameters=PAGING,
        responses={200: CommentPageSerializer, **problems(_404="No such public report.", _410="It is public no more.")},
    )
    def get(self, request: Request, ref: str) -> HttpResponse:
        """Return one page of what everybody may read, the newest first."""
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "comments")
        page = page_of_newest(report.discussion.visible(), query=request.GET, path=request.path)
        response = Response(
            {
                "next": page.following,
                "previous": page.preceding,
                "results": CommentSerializer(page.rows, many=True).data,
            }
        )
        if not report.is_public:
            return keep_private(response)
        patch_cache_control(response, public=True, max_age=COMMENTS_SECONDS)
        return response

    @extend_schema(
        operation_id="comments_create",
        summary="Say something about a report",
        request={"application/json": NewCommentSerializer, "multipart/form-data": NewCommentSerializer},
        responses={
            201: CommentSerializer,
            **problems(
                _400="A field cannot be understood.",
                _401="Nobody is signed in.",
                _403="`not_allowed`: the report is not public, or you do not speak for that organisation. `banned`.",
                _404="No such report.",
                _429="Too many comments; see `Retry-After`.",
            ),
        },
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Say it; a new person's comment may wait for a moderator (`held`)."""
        user = signed_in(request)
        count_request(request, "comment", user)
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "comments")
        given = NewCommentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        comment = say(report, user, given.validated_data)
        place = settings.PUBLIC_URL + reverse("api:comment", args=[report.ref, comment.pk])
        return keep_private(Response(CommentSerializer(comment).data, status=201, headers={"Location": place}))


@extend_schema(parameters=[REF_PARAMETER, ID_PARAMETER])
class CommentView(LazySignInView):
    """One comment, for whoever wrote it."""

    scopes: ClassVar = {"PATCH": (REPORTS,), "DELETE": (REPORTS,)}
    parser_classes = (JsonObjectParser,)

    @extend_schema(
        operation_id="comments_correct",
        summary="Correct one’s own comment within 15 minutes",
        request=CommentTextSerializer,
        responses={
            200: CommentSerializer,
            **problems(
                _400="A field cannot be understood.",
                _401="Nobody is signed in.",
                _403="`not_allowed`: somebody else’s, gone, or too late. `banned`.",
                _404="No such comment.",
                _429="Too many corrections; see `Retry-After`.",
            ),
        },
    )
    def patch(self, request: Request, ref: str, comment_id: int) -> HttpResponse:
        """Replace its text, which is screened again."""
        user = signed_in(request)
        count_request(request, "comment", user)
        comment = find_comment(request, ref, comment_id)
        if isinstance(comment, HttpResponse):
            return comment
        given = CommentTextSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        if "text" not in given.validated_data:
            raise ValidationError({"text": _("Écrivez votre commentaire.")}, code="required")
        comment = comments.edit_comment(comment=comment, text=given.validated_data["text"], author=user)
        return keep_private(Response(CommentSerializer(comment).data))

    @extend_schema(
        operation_id="comments_delete",
        summary="Delete one’s own comment",
        responses={
            204: None,
            **problems(_401="Nobody is signed in.", _403="`not_allowed`: somebody else’s.", _404="No such comment."),
        },
    )
    def delete(self, request: Request, ref: str, comment_id: int) -> HttpResponse:
        """Take it back; deleting it again changes nothing."""
        user = signed_in(request)
        comment = find_comment(request, ref, comment_id)
        if isinstance(comment, HttpResponse):
            return comment
        if comment.status != Comment.Status.DELETED or comment.author_id != user.pk:
            comments.delete_comment(comment=comment, author=user)
        return keep_private(Response(status=204))


def find_comment(request: Request, ref: str, comment_id: int) -> Comment | HttpResponse:
    """Return a comment that the caller may know of: what everybody reads, and one's own; or the answer that says no."""
    report = find_report(ref)
    if report is None or not may_see(request, report):
        return elsewhere(report, "comments")
    comment: Comment | None = (
        report.discussion.select_related("report", "organisation", "photo").filter(pk=comment_id).first()
    )
    if comment is None or (comment.status != Comment.Status.VISIBLE and comment.author_id != request.user.pk):
        return elsewhere(None, "comments")
    return comment
