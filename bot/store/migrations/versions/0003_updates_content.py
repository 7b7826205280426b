"""What an update says, for as long as it is not answered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    op.add_column("updates", sa.Column("content", sa.String(), nullable=True))
