"""Sites: where the next suppliers would cover most homes."""

from typing import Any

import strawberry
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema.areas import Crs
from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, shown
from schema.scalars import GeoJSON, drawn
from services import sites
from services.models import CoverageSupply, TravelMode
from services.sites import Site, Suggestion

MOST_SITES = 50


@lens
class SuggestedSite:
    """A place for one more supplier."""

    newly_covered_households: int = shown("Homes that this one adds to those covered before it.")
    covered_share_after: float = shown("The share of homes covered once it and those before it stand, 0 to 1.")

    @field(graphql_type=GeoJSON)
    def location(self, site: Parent[Site], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where, a Point on a street."""
        return drawn(site.place, crs)


@lens
class SiteSuggestion:
    """Where to put the next suppliers so that most homes are covered."""

    optimality_gap: float = shown("At most this share of covered homes could be better; 0 when proven best.")

    @listing(graphql_type=list[SuggestedSite], at_most=MOST_SITES)
    async def sites(self, found: Parent[Suggestion]) -> list[Site]:
        """The places, the one that adds most first."""
        return list(found.sites)


@given
class SuggestSitesInput:
    """What to suggest sites for."""

    area_id: strawberry.ID = shown("The area, any level down to a grid.")
    count: int = shown("How many sites, 1 to 50.")
    minutes: float = strawberry.field(default=10, description="How long the way may take.")
    travel_mode: TravelMode = strawberry.field(default=TravelMode.WALK, description="How one travels.")
    supply: CoverageSupply = shown("Whose points stay as they are.")


@lens
class SiteQuery:
    """What can be asked of sites."""

    @field(graphql_type=SiteSuggestion | None)
    async def suggest_sites(self, info: Info, input: SuggestSitesInput) -> Suggestion:
        """Where to put the next suppliers so that most homes are covered; existing ones stay."""
        async with info.context.read() as session:
            return await sites.suggest(
                session,
                info.context.actor,
                id_of(input.area_id),
                input.count,
                input.minutes,
                input.travel_mode,
                input.supply,
            )
