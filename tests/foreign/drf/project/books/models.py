"""Books and their authors."""

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100, unique=True)
    born = models.DateField(null=True, blank=True)


class Book(models.Model):
    class Status(models.TextChoices):
        AVAILABLE = "available"
        LENT = "lent"

    isbn = models.CharField(max_length=13, unique=True)
    title = models.CharField(max_length=200)
    pages = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.AVAILABLE)
    author = models.ForeignKey(Author, related_name="books", on_delete=models.PROTECT)
