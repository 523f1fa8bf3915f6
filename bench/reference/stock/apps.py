from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "bench.reference.stock"
    label = "stock"
