# Two images from one file: `app` runs every process of ours, `front` is nginx with the static files in it.

FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt /
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r /requirements.txt

FROM python:3.11-slim-bookworm AS app
# GDAL, GEOS and PROJ for GeoDjango; gettext compiles the translations.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgdal32 libgeos-c1v5 libproj25 gettext \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /srv/var fixmyquarter
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FMQ_VAR=/srv/var FMQ_STATIC_ROOT=/srv/static
WORKDIR /srv/app
COPY . .
# The settings want an address of the data; nothing here asks it anything.
RUN install -d -o fixmyquarter /srv/static \
    && FMQ_SECRET_KEY=build python -m ops.catalogues \
    && FMQ_SECRET_KEY=build python manage.py collectstatic --no-input --verbosity 0 \
    && chown -R fixmyquarter /srv/static
USER fixmyquarter
VOLUME /srv/var

FROM nginxinc/nginx-unprivileged:1.28-alpine AS front
# The image fills in `${FMQ_…}` when it starts; everything else in the template is nginx's own.
ENV NGINX_ENVSUBST_OUTPUT_DIR=/etc/nginx NGINX_ENVSUBST_FILTER=^FMQ_
USER root
RUN install -d -o nginx /srv/media/public
USER nginx
COPY ops/front/nginx.conf.template /etc/nginx/templates/nginx.conf.template
COPY ops/front/pages /srv/pages
COPY --from=app /srv/static /srv/static
CMD ["nginx", "-e", "stderr"]
