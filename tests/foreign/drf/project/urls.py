"""The API, its tokens and its document."""

from books.views import AuthorViewSet, BookViewSet
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.routers import DefaultRouter

router = DefaultRouter()
router.register("authors", AuthorViewSet)
router.register("books", BookViewSet)

urlpatterns = [
    path("api/", include(router.urls)),
    path("api/token/", obtain_auth_token),
    path("api/schema/", SpectacularAPIView.as_view()),
]
